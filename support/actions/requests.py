"""What requesters do: ask, answer, close, open again, rate; and how a lost link is sent again (S15, S30, S31)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Refused, not_found
from core.limits import count_use
from core.secret_links import hash_secret
from support import mails
from support.actions.files import Upload, attach, taken
from support.actions.states import Status, add_message, clean, lock, note_event, start_clock, turn
from support.links import make_secret
from support.models import (
    LONGEST_MAIL,
    LONGEST_SUBJECT,
    NumberSeries,
    RequestEvent,
    RequestFile,
    RequestMessage,
    SupportRequest,
)
from support.queries import list_lost, proved_addresses

LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Contact:
    """Who asks: the e-mail, and what else they chose to give (S15)."""

    email: str
    name: str = ""
    surname: str = ""
    company: str = ""
    address: str = ""
    website: str = ""


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and how it came. `client_id` (of a form) and `mail_id` (of a mail) make it happen once."""

    text: str
    channel: str = SupportRequest.Channel.FORM
    client_id: UUID | None = None
    mail_id: str | None = None


def make_request(
    *, contact: Contact, subject: str, written: Written, kind: str = SupportRequest.Kind.QUESTION, user: Any = None,
    uploads: Sequence[Upload] = (), language: str = "en",
) -> SupportRequest:  # fmt: skip
    """Takes a request, gives it the next number and acknowledges it by mail. Sent again it is the first one.

    Raises Refused: `empty`, `too_long`, those of `taken`, TooMany for one address. Not inside a transaction.
    """
    check_text(written)
    again = _find_first(contact, written)
    if again is not None:
        return again
    count_use("support.address", f"mail:{contact.email.strip().lower()}")
    with taken(uploads) as files:
        return _make(contact, subject, written, kind, user, files, language)


@transaction.atomic
def _make(
    contact: Contact, subject: str, written: Written, kind: str, user: Any, files: list[RequestFile], language: str
) -> SupportRequest:
    now = timezone.now()
    fields = {name: value.strip() for name, value in asdict(contact).items()}
    text = clean(written.text)
    request = SupportRequest(
        **{**fields, "email": fields["email"].lower()}, number=_next_number(), user=user, language=language, kind=kind,
        channel=written.channel, subject=(clean(subject) or _first_words(text))[:LONGEST_SUBJECT],
        client_id=written.client_id, created_at=now, since=now,
    )  # fmt: skip
    request.secret_hash = hash_secret(make_secret(request))
    start_clock(request, now)
    request.save(force_insert=True)
    message = add_message(
        request, author=RequestMessage.Author.REQUESTER, text=text, user=user, channel=written.channel,
        mail_id=written.mail_id,
    )  # fmt: skip
    attach(message, files)
    note_event(request, RequestEvent.Kind.MADE, by=user, now=now)
    mails.acknowledge(request.pk)
    return request


def check_text(written: Written) -> None:
    """Raises Refused `empty` or `too_long` for what is no message."""
    if not written.text.strip():
        raise Refused("empty", _("Write a few words first."))
    if len(written.text) > LONGEST_MAIL:
        raise Refused("too_long", _("This is too long for one message. Send the rest as a file."))


def _find_first(contact: Contact, written: Written) -> SupportRequest | None:
    """The request that this form, or this mail, has made already."""
    if written.mail_id:
        message = RequestMessage.objects.select_related("request").filter(mail_id=written.mail_id).first()
        return message.request if message else None
    if written.client_id is None:
        return None
    same = SupportRequest.objects.filter(client_id=written.client_id).first()
    if same is not None and same.email != contact.email.strip().lower():
        raise Refused("conflict", _("Load the page again and send it once more."), status=409)
    return same


def _next_number() -> int:
    """The next number; the row is locked until the commit, so that numbers have no holes."""
    NumberSeries.objects.get_or_create(pk=1)
    NumberSeries.objects.filter(pk=1).update(last=F("last") + 1)
    return NumberSeries.objects.get(pk=1).last


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79].rpartition(' ')[0] or line[:79]}…"


def reply_as_requester(
    *, request: SupportRequest, written: Written, user: Any = None, uploads: Sequence[Upload] = ()
) -> RequestMessage:
    """Adds what the requester wrote; it is our turn again, also after the request was solved or closed.

    Sent again it is the first one. Raises Refused as `make_request`. Not inside a transaction.
    """
    check_text(written)
    again = find_sent(request, written)
    if again is not None:
        return again
    with taken(uploads) as files, transaction.atomic():
        locked, now = lock(request.pk), timezone.now()
        message = add_message(
            locked, author=RequestMessage.Author.REQUESTER, text=written.text, user=user, channel=written.channel,
            client_id=written.client_id, mail_id=written.mail_id,
        )  # fmt: skip
        attach(message, files)
        turn(locked, locked.status if locked.needs_us else Status.OPEN, by=user, now=now)
        mails.tell_agents(message.pk)
    return message


def find_sent(request: SupportRequest, written: Written) -> RequestMessage | None:
    """The message that this form or mail has made already. Raises Refused `conflict` when it is of another request."""
    rows = RequestMessage.objects.none()
    if written.mail_id:
        rows = RequestMessage.objects.filter(mail_id=written.mail_id)
    elif written.client_id:
        rows = RequestMessage.objects.filter(client_id=written.client_id)
    found = rows.select_related("request").first()
    if found is not None and found.request_id not in (request.pk, request.merged_into_id):
        raise Refused("conflict", _("Load the page again and send it once more."), status=409)
    return found


@transaction.atomic
def close_as_requester(*, request: SupportRequest, user: Any = None) -> None:
    """The requester says that it is solved; a week later it closes. Again changes nothing."""
    locked = lock(request.pk)
    if not locked.is_over:
        turn(locked, Status.SOLVED, by=user)


@transaction.atomic
def reopen_as_requester(*, request: SupportRequest, user: Any = None) -> None:
    """The requester says that it is not solved; it is our turn. Again changes nothing."""
    locked = lock(request.pk)
    if locked.is_over:
        turn(locked, Status.OPEN, by=user)


@transaction.atomic
def rate(*, request: SupportRequest, rating: str, comment: str = "", user: Any = None) -> None:
    """Stores how it was, once after it was solved. Raises Refused `not_over`, `bad_rating`, `rated`."""
    locked = lock(request.pk)
    if rating not in SupportRequest.Rating.values:
        raise Refused("bad_rating", _("Choose good or bad."))
    if locked.rating:
        raise Refused("rated", _("You have rated this already. Thank you."), status=409)
    if not locked.can_be_rated:
        raise Refused("not_over", _("You can rate it when it is solved."), status=409)
    now = timezone.now()
    locked.rating, locked.rated_at = rating, now
    locked.rating_comment = clean(comment)[:LONGEST_COMMENT]
    locked.save(update_fields=["rating", "rating_comment", "rated_at"])
    note_event(locked, RequestEvent.Kind.RATED, by=user, value=rating, now=now)


@transaction.atomic
def adopt_requests(*, user: Any) -> int:
    """Makes requests that were sent as a guest from the member's proved addresses theirs; answers how many."""
    addresses = proved_addresses(user)
    if not addresses:
        return 0
    return SupportRequest.objects.filter(user=None, email__in=addresses).update(user=user)


@transaction.atomic
def resend_links(*, email: str) -> None:
    """Mails the links of a guest's requests to their address; nobody else learns whether there are any.

    Raises TooMany for one address, whether or not there are requests (SAFETY: enumeration).
    """
    count_use("support.lost", f"mail:{email.strip().lower()}")
    found = list_lost(email)
    if found:
        mails.send_links(found[0].pk)


@transaction.atomic
def forget_request(*, request: SupportRequest) -> None:
    """Deletes a request with everything in it; its files go with the commit."""
    from support.personal_data import forget_files_of

    row = SupportRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk).first()
    if row is None:
        raise not_found()
    keys = [row.pk, *SupportRequest.objects.filter(merged_into=row).values_list("pk", flat=True)]
    forget_files_of(keys)
    row.delete()
