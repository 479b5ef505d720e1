"""What the lines of a chat add up to: how many, how often an operator answered, and how long the visitor waited for it.

The rules, for the chat's columns and for everybody who counts them again:
- The clock of a reply runs from the visitor's oldest line that no operator has answered; when an operator joins later
  than that (takes the chat, gets it by a transfer, takes it over), it runs from there: the time before was the queue's.
- A line of an operator stops it and counts as one reply; more lines before the visitor writes again count no reply.
- The first reply is the first of these. System lines, notes, whispers and greetings are no lines of an operator.
- Editing or removing a line, returning to the queue, closing and opening again change nothing of what was counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

JOINS = frozenset({"joined", "passed_on"})  # system lines after which another operator has the chat


@dataclass(slots=True)
class Counted:
    """The counters of one chat, as its row holds them."""

    asked_at: datetime | None = None
    first_reply_at: datetime | None = None
    visitor_lines: int = 0
    operator_lines: int = 0
    replies: int = 0
    reply_ms: int = 0
    first_reply_ms: int | None = None

    def visitor_writes(self, at: datetime) -> None:
        """A line of the visitor."""
        self.visitor_lines += 1
        self.asked_at = self.asked_at or at

    def operator_writes(self, at: datetime) -> None:
        """A line of an operator."""
        self.operator_lines += 1
        if self.asked_at is None:
            return
        took = milliseconds(self.asked_at, at)
        self.replies, self.reply_ms, self.asked_at = self.replies + 1, self.reply_ms + took, None
        if self.first_reply_at is None:
            self.first_reply_at, self.first_reply_ms = at, took

    def operator_joins(self, at: datetime) -> None:
        """Somebody has the chat from now on."""
        if self.asked_at is not None:
            self.asked_at = at


def milliseconds(start: datetime, end: datetime) -> int:
    """Whole milliseconds from one moment to another; 0 where a clock went back."""
    return max(0, round((end - start).total_seconds() * 1000))


def count_lines(lines: Iterable[tuple[str, str, datetime]]) -> Counted:
    """The counters after these lines (author, event, time), in their order."""
    counted = Counted()
    for author, event, at in lines:
        if author == "visitor":
            counted.visitor_writes(at)
        elif author == "operator":
            counted.operator_writes(at)
        elif event in JOINS:
            counted.operator_joins(at)
    return counted
