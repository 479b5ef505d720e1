"""What mails to visitors say, resolved when they leave: address, lines and links are never in the outbox's rows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils import translation

from accounts.models import Account
from accounts.scoping import account_scope
from chat.models import Chat
from chat.window import mail_links
from chat.window.transcripts import read_transcript
from core.outbound import Address, Letter
from core.personal_data import Purpose

GIVEN_FOR = frozenset({Purpose.CHAT})  # what a visitor's address was given for, and nothing else (P8)


def address_of(chat: Chat) -> Address:
    """The visitor's address as it is now."""
    visitor = chat.visitor
    return Address(visitor.email, GIVEN_FOR, name=visitor.name, subject=f"visitor:{visitor.pk}")


def load_answers(rows: Sequence[Any]) -> dict[int, Letter]:
    """The operator's lines since the last mail, and the link that goes on with the chat; read meanwhile: no mail."""

    def write(chat: Chat, row: Any) -> dict[str, Any] | None:
        after, through = row.payload["after"], row.payload["through"]
        if chat.visitor_read_seq >= through:
            return None
        found = read_transcript(chat, zone=chat.account.zone, after=after, through=through)
        lines = [line for line in found.lines if not line.by_visitor and not line.words]
        return {"lines": lines, "who": lines[-1].who} if lines else None

    return _load(rows, write)


def load_transcripts(rows: Sequence[Any]) -> dict[int, Letter]:
    """The whole chat, with the links that rate it (once, S24) and show what is kept."""

    def write(chat: Chat, row: Any) -> dict[str, Any]:
        rate_url = mail_links.link_to(mail_links.RATE, chat)
        can_rate = chat.state == Chat.State.CLOSED and not chat.rating
        return {
            "transcript": read_transcript(chat, zone=chat.account.zone),
            "good_url": f"{rate_url}?value=good" if can_rate else "",
            "bad_url": f"{rate_url}?value=bad" if can_rate else "",
        }

    return _load(rows, write)


def _load(rows: Sequence[Any], write: Callable[[Chat, Any], dict[str, Any] | None]) -> dict[int, Letter]:
    letters: dict[int, Letter] = {}
    for chat, own in _chats_of(rows):
        if not chat.visitor.email:
            continue
        language = chat.visitor.language or chat.widget.language or "en"
        with translation.override(language):
            for row in own:
                context = write(chat, row)
                if context is not None:
                    letters[row.pk] = Letter(address_of(chat), {**_about(chat), **context}, language)
    return letters


def _chats_of(rows: Sequence[Any]) -> Iterator[tuple[Chat, list[Any]]]:
    """The chats of these rows that are still there, each in its account's scope."""
    accounts = Account.objects.in_bulk({row.account_ref for row in rows})
    for account in accounts.values():
        own = [row for row in rows if row.account_ref == account.pk]
        with account_scope(account):
            chats = Chat.objects.select_related("visitor", "widget", "account", "operator")
            found = chats.in_bulk({row.payload["chat"] for row in own})
            for chat in found.values():
                yield chat, [row for row in own if row.payload["chat"] == chat.pk]


def _about(chat: Chat) -> dict[str, Any]:
    return {
        "company": chat.account.company,
        "name": chat.visitor.name,
        "continue_url": mail_links.link_to(mail_links.CONTINUE, chat),
        "stop_url": mail_links.link_to(mail_links.STOP, chat),
        "days": mail_links.LINK_DAYS,
    }
