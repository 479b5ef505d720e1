"""Personal data of notifications: what a person wants to get, and addresses that must not be written to."""

from django.utils.translation import gettext_lazy as _

from core.personal_data import Basis, Category, Erase, PersonalField, PersonalModel, Purpose, Subject, registry
from notifications.models import Preference

registry.register(
    PersonalModel(
        "notifications.Preference",
        Subject.USER,
        label=_("Your choices of mails"),
        rows_of=lambda ref: Preference.objects.filter(user=ref.pk if ref.subject is Subject.USER else 0),
        kept=_("until you leave"),
        fields=(
            PersonalField(
                "is_on",
                Category.CHOICE,
                Purpose.SUMMARY,
                Basis.CONSENT,
                _("Whether you want this mail. Off until you switch it on."),
                label=_("On or off"),
            ),
            PersonalField(
                "options",
                Category.CHOICE,
                Purpose.SUMMARY,
                Basis.CONSENT,
                _("How you want it, for example without the messages."),
                label=_("How"),
            ),
            PersonalField(
                "changed_at",
                Category.RECORD,
                Purpose.SUMMARY,
                Basis.CONSENT,
                _("To show that you chose it, and when."),
                label=_("Chosen on"),
            ),
        ),
        keys={"user": _("Whose choice it is.")},
        not_personal={"kind": "The name of a kind of mail."},
    ),
    PersonalModel(
        "notifications.Suppression",
        Subject.INVITED,
        label=_("Addresses that we never write to again"),
        kept=_("as long as the site"),
        fields=(
            PersonalField(
                "address_hash",
                Category.CONTACT,
                Purpose.RIGHTS,
                Basis.LAW,
                _("A keyed hash, so that an address that was removed is not written to again."),
                Erase.KEEP,
                label=_("Hash of the address"),
                export=False,
                kept_because=_("Without it we could not keep the promise never to write again."),
            ),
        ),
        not_personal={"purpose": "The name of a purpose."},
    ),
)
