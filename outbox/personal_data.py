"""Personal data of outbox: for whom a mail or effect is meant, as a number."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import Basis, Category, PersonalField, PersonalModel, Purpose, Subject, SubjectRef, registry
from outbox.models import Delivery

FINISHED_DAYS = 30
PAYLOAD = (
    "account", "act", "address", "campaign", "case", "chat", "grant", "message", "post", "recovery", "report",
    "request", "version", "watch",  # numbers of rows
    "after", "count", "seq", "through",  # numbers of lines, and how many
    "at", "day", "since", "zone",  # when
    "event", "step", "what", "why",  # words of closed lists
    "device",  # a browser in words, in a notice of security
    "code", "to", "token",  # sealed: a code to log in, an address that was replaced, the secret of a link
)  # fmt: skip


def rows_of(ref: SubjectRef) -> QuerySet[Delivery]:
    """What was or will be sent to one person."""
    return Delivery.objects.filter(recipient=f"{ref.subject.value}:{ref.pk}")


def expired(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that were done or given up more than 30 days ago."""
    finished = [Delivery.State.DONE, Delivery.State.DROPPED, Delivery.State.PARKED]
    return Delivery.objects.filter(state__in=finished, finished_at__lt=now - timedelta(days=FINISHED_DAYS))


registry.register(
    PersonalModel(
        "outbox.Delivery",
        Subject.USER,
        label=_("Mails to you"),
        rows_of=rows_of,
        expired=expired,
        kept=_("30 days after it was sent or given up"),
        fields=(
            PersonalField(
                "recipient",
                Category.RECORD,
                Purpose.SERVICE,
                Basis.CONTRACT,
                _("For whom it is, as a number. The address is looked up when it leaves."),
                label=_("Recipient"),
            ),
            PersonalField(
                "key",
                Category.RECORD,
                Purpose.SERVICE,
                Basis.CONTRACT,
                _("So that the same mail is not sent twice."),
                label=_("Key"),
            ),
            PersonalField(
                "payload",
                Category.RECORD,
                Purpose.SERVICE,
                Basis.CONTRACT,
                _("Numbers from which the mail is made when it leaves."),
                label=_("Numbers"),
            ),
            PersonalField(
                "message_id",
                Category.RECORD,
                Purpose.SERVICE,
                Basis.CONTRACT,
                _("The mail's own number, so that a repeat is recognised."),
                label=_("Message number"),
            ),
        ),
        not_personal={
            "kind": "The name of a kind of mail.",
            "claimed_by": "The name of a process of this site.",
            "reason": "Why it was given up: a code, and the mail server's number without an address.",
        },
        json={"payload": PAYLOAD},
    ),
)
