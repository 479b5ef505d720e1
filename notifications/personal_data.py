"""Personal data of notifications: what a person wants to get, and addresses that must not be written to."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    addresses_of,
    registry,
)
from notifications.addresses import hash_address
from notifications.models import CampaignReader, Preference, ReceivedMail, UnclaimedMail


def _proved_addresses(ref: SubjectRef) -> list[str]:
    """The address of a person; what a visitor typed may be somebody else's."""
    return [] if ref.subject is Subject.VISITOR else addresses_of(ref)


def received_from(ref: SubjectRef) -> "QuerySet[ReceivedMail]":
    """That mails came from a person's address."""
    return ReceivedMail.objects.filter(sender_hash__in=[hash_address(email) for email in _proved_addresses(ref)])


def unclaimed_of(ref: SubjectRef) -> "QuerySet[UnclaimedMail]":
    """Mails of a person that reached nobody."""
    return UnclaimedMail.objects.filter(address__in=_proved_addresses(ref))


def old_received(now: datetime) -> "QuerySet[ReceivedMail]":
    """Mails that no mail server brings a second time any more."""
    return ReceivedMail.objects.filter(at__lt=now - timedelta(days=ReceivedMail.KEEP_DAYS))


def old_readers(now: datetime) -> "QuerySet[CampaignReader]":
    """Long after a second campaign may come."""
    return CampaignReader.objects.filter(sent_at__lt=now - timedelta(days=CampaignReader.KEEP_DAYS))


def old_unclaimed(now: datetime) -> "QuerySet[UnclaimedMail]":
    """Addresses that were told long ago."""
    return UnclaimedMail.objects.filter(at__lt=now - timedelta(days=UnclaimedMail.KEEP_DAYS))


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
        json={"options": ("messages",)},
    ),
    PersonalModel(
        "notifications.Campaign",
        Subject.NOBODY,
        label=_("Mails of offers and news"),
        not_personal={"subject": "Text that our staff wrote.", "text": "Text that our staff wrote."},
    ),
    PersonalModel(
        "notifications.CampaignReader",
        Subject.USER,
        label=_("Offers and news that we sent you"),
        rows_of=lambda ref: CampaignReader.objects.filter(user=ref.pk if ref.subject is Subject.USER else 0),
        expired=old_readers,
        kept=_("%(days)d days") % {"days": CampaignReader.KEEP_DAYS},
        fields=(
            PersonalField(
                "sent_at",
                Category.RECORD,
                Purpose.MARKETING,
                Basis.CONSENT,
                _("So that you get at most one in seven days."),
                label=_("Sent on"),
            ),
        ),
        keys={"user": _("To whom it was sent.")},
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
    PersonalModel(
        "notifications.ReceivedMail",
        Subject.INVITED,
        label=_("That a mail of yours arrived"),
        rows_of=received_from,
        expired=old_received,
        kept=_("%(days)d days") % {"days": ReceivedMail.KEEP_DAYS},
        fields=(
            PersonalField(
                "digest",
                Category.RECORD,
                Purpose.SUPPORT,
                Basis.INTEREST,
                _("So that a mail that is delivered twice is taken once."),
                label=_("Hash of the mail"),
                export=False,
            ),
            PersonalField(
                "sender_hash",
                Category.CONTACT,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("A keyed hash of the sender, to stop machines that answer each other."),
                label=_("Hash of the address"),
                export=False,
            ),
            PersonalField(
                "thread_hash",
                Category.RECORD,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("To count the mails of a conversation in an hour."),
                label=_("Hash of the conversation"),
                export=False,
            ),
        ),
    ),
    PersonalModel(
        "notifications.UnclaimedMail",
        Subject.INVITED,
        label=_("Mails that reached nobody"),
        rows_of=unclaimed_of,
        expired=old_unclaimed,
        kept=_("%(days)d days") % {"days": UnclaimedMail.KEEP_DAYS},
        fields=(
            PersonalField(
                "address",
                Category.CONTACT,
                Purpose.SUPPORT,
                Basis.INTEREST,
                _("To tell you once that your mail reached nobody, and nothing else."),
                label=_("Address"),
                recipients=("mail",),
            ),
            PersonalField(
                "message_id",
                Category.RECORD,
                Purpose.SUPPORT,
                Basis.INTEREST,
                _("So that our answer stands beside your mail."),
                label=_("Message number"),
            ),
        ),
    ),
)
