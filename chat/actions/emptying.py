"""What an erasure leaves of chats: the texts are replaced, the visitor becomes a pseudonym, counts stay (P6).

The steps come in this order: lines, chats, the visitor; each is one transaction, and a second time changes nothing.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import Account
from chat.masking import REMOVED, Mask, read_marks, say_alias, say_removed, texts_in
from chat.models import Chat, Message, MessageVersion, Visitor
from core.personal_data import Subject
from core.secret_links import hash_secret
from policies.actions import forget_receipts

PREVIEW = 200


def replace_rows(*, model: str, keys: list[Any]) -> None:
    """Replaces what these rows of one person say; called by the erasure, outside of the tenant wall."""
    REPLACE[model](keys)


# ---- lines -----------------------------------------------------------------------------------------------------
def _replace_lines(keys: list[Any]) -> None:
    """The visitor's lines say that they were removed; what names the visitor is masked in the others."""
    lines = Message._base_manager.filter(pk__in=keys)
    visitors = _lock_visitors(lines.order_by().values_list("chat__visitor", flat=True).distinct())
    going = [visitor for visitor in visitors if not visitor.is_erased]
    marks = read_marks(
        names=[visitor.name for visitor in going],
        words=[word for visitor in going for word in (visitor.email, visitor.external_id)],
        texts=_texts_of(going),
    )
    now = timezone.now()
    for alias, rows in groupby(going, key=lambda visitor: visitor.alias or 0):
        own = lines.filter(chat__visitor__in=[visitor.pk for visitor in rows])
        _mask_lines(own.exclude(author=Message.Author.VISITOR), Mask(marks, say_alias(alias)), now)
        _remove_lines(own, now)


def _texts_of(visitors: Iterable[Visitor]) -> Iterator[str]:
    """What these visitors wrote: lines as they are and as they were, answers before the chat, words of a rating."""
    keys = [visitor.pk for visitor in visitors]
    own = Message._base_manager.filter(chat__visitor__in=keys, author=Message.Author.VISITOR)
    yield from own.values_list("text", flat=True)
    earlier = MessageVersion._base_manager.filter(message__in=own.order_by().values("pk"))
    yield from earlier.values_list("text", flat=True)
    chats = Chat._base_manager.filter(visitor__in=keys)
    for answers, comment in chats.values_list("answers", "rating_comment"):
        yield from texts_in(answers)
        yield comment


def _mask_lines(lines: Any, mask: Mask, now: datetime) -> None:
    """A line of an operator that changes waits for a look of the company."""
    for pk, author, text in lines.exclude(text="").values_list("pk", "author", "text"):
        masked = mask.mask(text)
        if masked != text:
            waits = {"masked_at": now} if author == Message.Author.OPERATOR else {}
            Message._base_manager.filter(pk=pk).update(text=masked, **waits)


def _remove_lines(lines: Any, now: datetime) -> None:
    words = lines.filter(author=Message.Author.VISITOR).exclude(text="", file__isnull=True)
    words.exclude(text__regex=rf"^{REMOVED.pattern}$").update(text=say_removed(now.date()), file=None)
    files = lines.filter(file__isnull=False)
    files.filter(text="").update(text=say_removed(now.date(), is_file=True))
    files.update(file=None)


# ---- chats -----------------------------------------------------------------------------------------------------
def _replace_chats(keys: list[Any]) -> None:
    """The list shows the last line as it is now; what the visitor told besides the lines goes."""
    chats = Chat._base_manager.filter(pk__in=keys, visitor__erased_at=None)
    for pk in chats.order_by("pk").values_list("pk", flat=True):
        said = Message._base_manager.filter(chat=pk).exclude(author=Message.Author.SYSTEM)
        last = said.order_by("-seq").values_list("text", flat=True).first() or ""
        Chat._base_manager.filter(pk=pk).update(
            last_text=last[:PREVIEW], rating_comment="", answers=[], page_url="", page_title=""
        )


# ---- visitors --------------------------------------------------------------------------------------------------
def _replace_visitors(keys: list[Any]) -> None:
    """Nothing in the rows leads to the person, and neither browser, link nor number leads to the rows."""
    for visitor in _lock_visitors(keys):
        if not visitor.is_erased:
            _replace_visitor(visitor)
    forget_receipts(subjects=[f"{Subject.VISITOR.value}:{key}" for key in keys])


def _replace_visitor(visitor: Visitor) -> None:
    own = Visitor._base_manager.filter(account=visitor.account_id)
    Account.objects.select_for_update().get(pk=visitor.account_id)  # numbers are handed out one visitor at a time
    Visitor._base_manager.filter(pk=visitor.pk).update(
        name=say_alias(visitor.alias or 0),
        number=(own.aggregate(last=Max("number"))["last"] or 0) + 1,
        public_id=uuid.uuid4(),
        secret_hash=hash_secret(secrets.token_urlsafe(32)),  # of a secret that nobody has
        previous_secret_hash="",
        email="", external_id="", identified_at=None, ip_address=None, browser="", system="", language="",
        page_url="", page_title="", referrer="", peek_allowed=False, seen_allowed=False,
        erased_at=timezone.now(),
    )  # fmt: skip


def _lock_visitors(keys: Iterable[Any]) -> list[Visitor]:
    """These rows of one person, locked, each with its pseudonym, by account: one in each account.

    The key of the pseudonyms is made for this call and kept nowhere; the step that comes first names them for all.
    """
    rows = Visitor._base_manager.select_for_update(of=("self",)).filter(pk__in=list(keys))
    visitors, key = list(rows.order_by("account", "pk")), secrets.token_bytes(32)
    for account_pk, found in groupby(visitors, key=lambda visitor: visitor.account_id):
        own = list(found)
        fresh = hmac.digest(key, str(account_pk).encode(), hashlib.sha256)
        alias = next((one.alias for one in own if one.alias is not None), int.from_bytes(fresh[:2]))
        for visitor in own:
            if visitor.alias is None:
                visitor.alias = alias
                Visitor._base_manager.filter(pk=visitor.pk).update(alias=alias)
    return visitors


REPLACE: dict[str, Callable[[list[Any]], None]] = {
    "chat.Message": _replace_lines,
    "chat.Chat": _replace_chats,
    "chat.Visitor": _replace_visitors,
}
