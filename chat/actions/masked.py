"""Lines that an erasure masked, after a look of the company: fine as they are, or removed (SAFETY.md 3)."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import can
from audit.actions import record
from chat.actions.messages import PREVIEW
from chat.masking import say_removed
from chat.models import Chat, Message
from core.errors import not_found


@transaction.atomic
def keep_masked(*, line: Message, by: Membership) -> bool:
    """The line is fine as it is. False when somebody decided before: nothing happens then. Raises `not_found`."""
    return _decide(line, by, "chat.masked_kept")


@transaction.atomic
def remove_masked(*, line: Message, by: Membership) -> bool:
    """The line goes, and says so. False when somebody decided before: nothing happens then. Raises `not_found`."""
    if not _decide(line, by, "chat.masked_removed"):
        return False
    text = say_removed(timezone.now().date())
    Message.objects.filter(pk=line.pk).update(text=text, file=None)
    later = Message.objects.filter(chat=line.chat_id, seq__gt=line.seq).exclude(author=Message.Author.SYSTEM)
    if not later.exists():  # the list of chats shows the last line
        Chat.objects.filter(pk=line.chat_id).update(last_text=text[:PREVIEW])
    return True


def _decide(line: Message, by: Membership, action: str) -> bool:
    """Takes the line off the list, for one of any number who press at once."""
    if line.account_id != by.account_id or not can(by, "visitors.delete"):
        raise not_found()
    if not Message.objects.filter(pk=line.pk, masked_at__isnull=False).update(masked_at=None):
        return False
    record(
        account_ref=line.account_id, actor=f"user:{by.user_id}", subject="", action=action,
        facts={"chat": line.chat_id, "seq": line.seq},
    )  # fmt: skip
    return True
