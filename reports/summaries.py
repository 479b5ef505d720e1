"""One account's day in figures and chats, from rows to what a mail can show."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chat.models import Chat, Message
from reports.periods import Period
from reports.queries import ChatRow, MessageRow

TEXT_LIMIT = 20_000  # characters of messages in one mail; what comes after is a link
CHATS_LISTED = 500  # lines in one mail; a longer day ends with a link to the archive


@dataclass(frozen=True)
class Day:
    """The local day of one account: what its summary is about. `zone` is the zone it was planned in."""

    account_id: int
    day: date
    zone: str


@dataclass
class Summary:
    """The figures of a day, and its chats in the order in which they began."""

    period: Period
    chats: int = 0
    rated: int = 0
    rated_good: int = 0
    gave_up: int = 0
    waits: list[float] = field(default_factory=list)  # seconds, of the chats that were accepted
    waits_before: list[float] = field(default_factory=list)  # the same, of the day before
    still_waiting: list[ChatRow] = field(default_factory=list)
    listed: list[ChatRow] = field(default_factory=list)
    messages: dict[int, list[MessageRow]] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)  # chats of which something did not fit
    _room: int = TEXT_LIMIT

    @property
    def median_wait(self) -> float | None:
        """Seconds from the first message to the operator's acceptance, in the middle; None where nobody accepted."""
        return statistics.median(self.waits) if self.waits else None

    @property
    def median_wait_before(self) -> float | None:
        """The same of the day before."""
        return statistics.median(self.waits_before) if self.waits_before else None

    def add_chat(self, chat: ChatRow) -> None:
        """Counts one chat; a chat that began before the day counts for the comparison only."""
        wait = (chat.accepted_at - chat.started_at).total_seconds() if chat.accepted_at else None
        if chat.started_at < self.period.start:
            if wait is not None:
                self.waits_before.append(wait)
            return
        self.chats += 1
        self.rated += bool(chat.rating)
        self.rated_good += chat.rating == Chat.Rating.GOOD
        if wait is not None:
            self.waits.append(wait)
        elif chat.state == Chat.State.CLOSED:
            self.gave_up += 1
        if chat.state == Chat.State.WAITING:
            self.still_waiting.append(chat)
        if len(self.listed) < CHATS_LISTED:
            self.listed.append(chat)

    def chats_to_read(self) -> list[int]:
        """The listed chats whose messages can fit at all; the others become links at once."""
        lines, chosen = 0, []
        for chat in self.listed:
            if lines >= TEXT_LIMIT:
                self.cut.add(chat.pk)
            elif chat.message_count:
                chosen.append(chat.pk)
                lines += chat.message_count
        return chosen

    def add_messages(self, rows: Iterable[MessageRow]) -> None:
        """Takes lines, chat by chat in the order of `listed`, until the mail is full: from there on there are links."""
        for row in rows:
            if len(row.text) > self._room:
                self._room = 0
                self.cut.add(row.chat_id)
                continue
            self._room -= len(row.text)
            self.messages.setdefault(row.chat_id, []).append(row)

    def seconds_of(self, chat: ChatRow) -> float:
        """How long a chat took, to its end or its last message."""
        return ((chat.closed_at or chat.last_at) - chat.started_at).total_seconds()


def author_of(line: MessageRow, chat: ChatRow, visitor: str) -> Any:
    """Who wrote a line."""
    if line.author == Message.Author.VISITOR:
        return visitor
    return line.operator_name or chat.operator_name or ""
