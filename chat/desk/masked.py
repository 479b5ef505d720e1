"""Lines that an erasure masked and nobody of the company has looked at yet, each with its neighbours."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts.models import Account, Membership
from accounts.roles import can
from chat.models import Chat, Message
from core.errors import not_found

PAGE = 20


@dataclass(frozen=True)
class MaskedLine:
    """One of them: the line, and the ones before and after it (None at the ends of a chat)."""

    line: Message
    before: Message | None
    after: Message | None


def list_masked(account: Account, *, before: int | None = None) -> tuple[list[MaskedLine], int | None]:
    """A page, the newest first, older than the line with the key `before`; and where the next page begins."""
    waits = Message.of(account).filter(masked_at__isnull=False).select_related("chat__visitor", "operator")
    if before is not None:
        waits = waits.filter(pk__lt=before)
    beside = Message.of(account).filter(chat=OuterRef("chat")).exclude(author=Message.Author.SYSTEM)
    earlier = beside.filter(seq__lt=OuterRef("seq")).order_by("-seq")
    later = beside.filter(seq__gt=OuterRef("seq")).order_by("seq")
    waits = waits.annotate(
        before_pk=Subquery(earlier.values("pk")[:1]), after_pk=Subquery(later.values("pk")[:1])
    ).order_by("-pk")
    found: list[Any] = list(waits[: PAGE + 1])
    keys = {key for one in found for key in (one.before_pk, one.after_pk) if key}
    near = {one.pk: one for one in Message.of(account).filter(pk__in=keys).select_related("operator")}
    lines = [MaskedLine(one, near.get(one.before_pk), near.get(one.after_pk)) for one in found[:PAGE]]
    return lines, lines[-1].line.pk if len(found) > PAGE else None


def find_masked_for(membership: Membership, chat: UUID, seq: int) -> Message:
    """A line of the account by its chat and number, whether it waits or not. Raises Refused `not_found`."""
    own = Chat.of(membership.account).filter(public_id=chat)
    found = Message.of(membership.account).filter(chat__in=own, seq=seq, author=Message.Author.OPERATOR).first()
    if found is None or not can(membership, "visitors.delete"):
        raise not_found()
    return found
