"""Requests by mail: an answer goes to the thread that the token of its address names, anything else is a new request.

Who stands in From: decides nothing (SAFETY: mail loops, mail headers): a mail from another address than the requester's
says so in its text, and a new request is a guest's until its address is proved.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.names import NO_LINK
from chat.actions.files import judge_file
from core.errors import Refused
from notifications.inbound import InboundMail, read_token, register_inbound
from support.actions.files import MOST, Upload
from support.actions.requests import Contact, Written, make_request, reply_as_requester
from support.mails import KIND
from support.models import LONGEST_MAIL, RequestMessage, SupportRequest
from support.queries import proved_addresses

REOPENS_FOR = timedelta(days=30)  # after it was closed; a later mail makes a new request that names the old one
LARGEST_TOGETHER = 10 * 1024 * 1024
MAIL = SupportRequest.Channel.MAIL
LONGEST_ID = 255
NAME_LENGTH = 80


def take(mail: InboundMail) -> bool:
    """Puts a mail where it belongs; False for a machine's that answers no request of ours.

    Raises Refused where it must come again later (no room on the disk, too many from one address).
    """
    named = read_token(mail.token) if mail.token else None
    if named and named[0] != KIND:
        return False
    request = SupportRequest.objects.select_related("user").filter(public_id=named[1]).first() if named else None
    if mail.is_auto_reply:
        return request is not None  # a notice of absence or a bounce opens nothing again
    if request is not None:
        request = _last_of(request)
    if request is None:
        if mail.is_automatic and not mail.is_fast:
            return False
        _ask(mail, refers_to=None)
    elif _is_long_over(request):
        _ask(mail, refers_to=request)
    else:
        _reply(mail, request)
    return True


def _last_of(request: SupportRequest) -> SupportRequest:
    """The request into which this one was merged, else itself."""
    for _step in range(5):
        if request.merged_into_id is None:
            break
        request = SupportRequest.objects.select_related("user").get(pk=request.merged_into_id)
    return request


def _is_long_over(request: SupportRequest) -> bool:
    return request.closed_at is not None and request.closed_at < timezone.now() - REOPENS_FOR


def _reply(mail: InboundMail, request: SupportRequest) -> None:
    """Adds the mail to the thread; a solved or closed request is open again."""
    is_requester = mail.sender in _addresses_of(request)
    with translation.override(request.language):
        notes = [] if is_requester else [_("(Sent from %(address)s.)") % {"address": mail.sender}]
        written, uploads = _written(mail, notes, request)
    if written is not None:
        user = request.user if is_requester else None
        reply_as_requester(request=request, written=written, user=user, uploads=uploads)


def _ask(mail: InboundMail, *, refers_to: SupportRequest | None) -> None:
    """Makes a new request of the sender, as a guest; the acknowledgement shows whether the address is theirs."""
    known = refers_to or SupportRequest.objects.filter(email=mail.sender).order_by("-pk").first()
    language = known.language if known else "en"
    with translation.override(language):
        notes = [_("(This follows request %(number)d.)") % {"number": refers_to.number}] if refers_to else []
        written, uploads = _written(mail, notes, None)
    if written is not None:
        contact = Contact(mail.sender, _name_of(mail))
        make_request(contact=contact, subject=mail.subject, written=written, uploads=uploads, language=language)


def _name_of(mail: InboundMail) -> str:
    """The name in From:, as the form would take it; "" for one that is a link or an address."""
    name = mail.sender_name[:NAME_LENGTH]
    try:
        NO_LINK(name)
    except ValidationError:
        return ""
    return name


def _addresses_of(request: SupportRequest) -> set[str]:
    """The requester's addresses: the one of the request, and those that the member proved."""
    return {request.email.lower(), *(proved_addresses(request.user) if request.user else ())}


# ---- what is stored of it -----------------------------------------------------------------------------------
def _written(
    mail: InboundMail, notes: list[str], request: SupportRequest | None
) -> tuple[Written | None, Sequence[Upload]]:
    """The message with its files, what is left out named in it; None when it is here already."""
    uploads, left_out = _uploads(mail)
    if left_out:
        notes.append(
            ngettext(
                "(%(count)d file was left out: too large, too many, or of a kind that we do not take.)",
                "(%(count)d files were left out: too large, too many, or of a kind that we do not take.)",
                left_out,
            )
            % {"count": left_out}
        )
    text = mail.text or mail.subject or _("(A mail without text.)")
    head = "".join(f"{note}\n\n" for note in notes)
    text = head + text[: LONGEST_MAIL - len(head)]
    mail_id = _mail_id(mail, request)
    return (Written(text, MAIL, mail_id=mail_id) if mail_id else None), uploads


def _mail_id(mail: InboundMail, request: SupportRequest | None) -> str:
    """The mail's own Message-ID, under which answers stand beside it; "" when the mail is stored already.

    A Message-ID is chosen by whoever writes: where another message has it, the mail's key stands for it, so that
    nobody can keep a mail out by naming it first.
    """
    if RequestMessage.objects.filter(mail_id=mail.key).exists():
        return ""
    if not mail.message_id or len(mail.message_id) > LONGEST_ID:
        return mail.key
    first = RequestMessage.objects.select_related("request").filter(mail_id=mail.message_id).first()
    if first is None:
        return mail.message_id
    same_place = first.request_id == request.pk if request else first.request.email == mail.sender
    is_same = same_place and " ".join(mail.text.split())[:200] in " ".join(first.text.split())
    return "" if is_same else mail.key


def _uploads(mail: InboundMail) -> tuple[list[Upload], int]:
    """The files that are taken, as everywhere judged by their bytes, and how many are not."""
    taken: list[Upload] = []
    size = 0
    for file in mail.files:
        if len(taken) == MOST or size + len(file.data) > LARGEST_TOGETHER:
            continue
        try:
            judge_file(file.name, file.data)
        except Refused as refused:
            if refused.status == 503:  # not now: the mail comes again
                raise
            continue
        taken.append(Upload(file.name, file.data))
        size += len(file.data)
    return taken, len(mail.files) - len(taken) + mail.left_out


register_inbound("support", take)
