"""Thirty days of a bike shop's chats for the demo, the same at each seeding but for the date."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chat.actions.history import PastChat, PastLine, PastVisitor
from chat.models import Chat, Message
from livechat import demo_talks as talks
from livechat import demo_words as words
from operators.models import Group, Operator

DAYS = 30
A_DAY = (9, 14)  # chats on an ordinary day
YESTERDAY = 32  # the day that the first summary is about
HOLDERS = (0, 0, 1, 0, 2, 1, 3, 0, 2)  # who has which of the open chats
WAITS = (160, 95, 48, 12)  # seconds that those who wait have waited
MAIL_WAITS = (11, 9)  # hours since a question was left
MAILED = 0.07  # of the chats: left in the night and answered by e-mail
HOURS = (8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 19, 20)


class History:
    """Makes visitors and chats up to `now`, on the site `origin`, answered by `operators`."""

    def __init__(
        self, *, now: datetime, zone: ZoneInfo, origin: str, operators: Sequence[Operator],
        groups: Mapping[str, Group] | None = None,
    ) -> None:  # fmt: skip
        self.random = random.Random(2030)  # noqa: S311  demo data, the same every time
        self.groups = groups or {}  # page -> who answers there
        self.now, self.zone, self.origin, self.operators = now, zone, origin, operators
        self.visitors: list[PastVisitor] = []
        self.chats: list[PastChat] = []
        self.names = [f"{first} {last}" for first in words.FIRST_NAMES for last in words.SURNAMES]
        self.random.shuffle(self.names)

    def make(self) -> None:
        """Fills `visitors` and `chats`, oldest first, and ends with those that go on now."""
        today = self.now.astimezone(self.zone).date()
        for back in range(DAYS, -1, -1):
            day = today - timedelta(days=back)
            for start in self._starts(day, YESTERDAY if back == 1 else self.random.randint(*A_DAY)):
                self._past(start)
        for hours, (name, page, texts) in zip(MAIL_WAITS, talks.BY_MAIL, strict=True):
            self._waiting(name, page, texts, hours * 3600, by_mail=True)
        for waits, (name, page, texts) in zip(WAITS, talks.WAITING, strict=True):
            self._waiting(name, page, texts, waits)
        for place, (name, page, lines) in enumerate(talks.OPEN):
            self._open(name, page, lines, self.operators[HOLDERS[place] % len(self.operators)])

    def _starts(self, day: date, count: int) -> list[datetime]:
        """Moments of a day at which chats begin, early enough to be over by now."""
        moments = []
        for _ in range(count):
            clock = time(self.random.choice(HOURS), self.random.randrange(60), self.random.randrange(60))
            moments.append(datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC))
        return sorted(moment for moment in moments if moment < self.now - timedelta(minutes=45))

    def _visitor(self, page: str, seen_at: datetime) -> int:
        """A new visitor, or now and then one who was here before; answers the place in the list."""
        pick = self.random
        path, title = talks.PAGES[page]
        if self.chats and pick.random() < 0.18:
            place = pick.randrange(len(self.visitors))
            known = self.visitors[place]
            self.visitors[place] = replace(
                known, visits=known.visits + 1, seen_at=seen_at, page_url=self.origin + path, page_title=title
            )
            return place
        name = self.names[len(self.visitors) % len(self.names)] if pick.random() < 0.62 else ""
        browser, system = pick.choice(words.DEVICES)
        email = f"{name.split()[0].lower()}@{name.split()[1].lower()}.example" if name and pick.random() < 0.5 else ""
        network = pick.choice(("203.0.113", "198.51.100", "192.0.2"))  # the ranges that are kept for examples
        self.visitors.append(
            PastVisitor(
                name=name,
                email=email,
                browser=browser,
                system=system,
                ip_address=f"{network}.{pick.randrange(1, 255)}",
                page_url=self.origin + path,
                page_title=title,
                referrer=pick.choice(words.REFERRERS),
                visits=pick.choice((1, 1, 1, 2, 3)),
                first_seen_at=seen_at - timedelta(minutes=pick.randrange(1, 20)),
                seen_at=seen_at,
            )
        )
        return len(self.visitors) - 1

    def _fill(self, text: str, visitor: int, chosen: dict[str, str]) -> str:
        name = self.visitors[visitor].name.split(" ")[0] or "there"
        return text.format(visitor=name, **chosen) if "{" in text else text

    def _words(self) -> dict[str, str]:
        chosen = {key: self.random.choice(some) for key, some in words.WORDS.items()}
        return chosen | {"order": f"{self.now.year}-{self.random.randrange(1000, 9999)}"}

    def _past(self, start: datetime) -> None:
        if self.random.random() < 0.06:
            self._gave_up(start)
            return
        pick, talk = self.random, self.random.choice(talks.TALKS)
        visitor, chosen = self._visitor(talk.page, start), self._words()
        accepted = start + timedelta(seconds=min(420, round(pick.lognormvariate(3.5, 0.7))))
        lines = self._lines(talk.lines, visitor, chosen, start, accepted)
        closed = lines[-1].at + timedelta(seconds=pick.randrange(20, 200))
        by = pick.choice((Chat.ClosedBy.OPERATOR, Chat.ClosedBy.OPERATOR, Chat.ClosedBy.VISITOR))
        event = "left" if by == Chat.ClosedBy.VISITOR else "closed"
        lines.append(PastLine(Message.Author.SYSTEM, closed, event=event))
        rating = ""
        if pick.random() < 0.38:
            rating = Chat.Rating.GOOD if pick.random() < 0.88 else Chat.Rating.BAD
            lines.append(PastLine(Message.Author.SYSTEM, closed + timedelta(seconds=12), event="rated"))
        by_mail = bool(self.visitors[visitor].email) and pick.random() < MAILED * 3  # a third left an address
        comment = talk.comment if rating == Chat.Rating.GOOD and pick.random() < 0.6 else ""
        self._add(
            visitor, talk.page, start, lines, pick.choice(self.operators), accepted, closed, by, rating, comment,
            by_mail=by_mail,
        )  # fmt: skip

    def _gave_up(self, start: datetime) -> None:
        page, text = self.random.choice(words.GAVE_UP)
        visitor = self._visitor(page, start)
        left = start + timedelta(seconds=self.random.randrange(60, 400))
        lines = [PastLine(Message.Author.VISITOR, start, text), PastLine(Message.Author.SYSTEM, left, event="left")]
        self._add(visitor, page, start, lines, None, None, left, Chat.ClosedBy.VISITOR)

    def _waiting(self, name: str, page: str, texts: Sequence[str], seconds: int, *, by_mail: bool = False) -> None:
        start = self.now - timedelta(seconds=seconds)
        visitor = self._new_visitor(name, page, start)
        lines = [
            PastLine(Message.Author.VISITOR, start + timedelta(seconds=6 * place), text)
            for place, text in enumerate(texts)
        ]
        self._add(visitor, page, start, lines, None, None, read=False, by_mail=by_mail)

    def _open(self, name: str, page: str, texts: Sequence[str], operator: Operator) -> None:
        start = self.now - timedelta(seconds=self.random.randrange(500, 900))
        visitor = self._new_visitor(name, page, start)
        accepted = start + timedelta(seconds=self.random.randrange(8, 50))
        lines = self._lines(texts, visitor, self._words(), start, accepted)
        read = lines[-1].by == Message.Author.OPERATOR or self.random.random() < 0.5
        self._add(visitor, page, start, lines, operator, accepted, read=read)

    def _new_visitor(self, name: str, page: str, start: datetime) -> int:
        """A visitor without another chat: nobody has two that are not over. Without a name they are a number."""
        before = len(self.visitors)
        while (place := self._visitor(page, start)) < before:
            pass
        email = f"{name.split()[0].lower()}@{name.split()[1].lower()}.example" if name else ""
        self.visitors[place] = replace(self.visitors[place], name=name, email=email)
        return place

    def _lines(
        self, texts: Sequence[str], visitor: int, chosen: dict[str, str], start: datetime, accepted: datetime
    ) -> list[PastLine]:
        """The talk with times: the first line starts the chat, the operator joins, then people type and think."""
        lines, at = [], start
        for place, text in enumerate(texts):
            if place == 1:
                lines.append(PastLine(Message.Author.SYSTEM, accepted, event="joined"))
                at = accepted
            if place:
                at += timedelta(seconds=min(100, 8 + len(text) // 4 + self.random.randrange(30)))
            author = Message.Author.VISITOR if text.startswith("v ") else Message.Author.OPERATOR
            lines.append(PastLine(author, at, self._fill(text[2:], visitor, chosen)))
        if len(texts) == 1:
            lines.append(PastLine(Message.Author.SYSTEM, accepted, event="joined"))
        return lines

    def _add(
        self,
        visitor: int,
        page: str,
        start: datetime,
        lines: Sequence[PastLine],
        operator: Operator | None,
        accepted: datetime | None,
        closed: datetime | None = None,
        closed_by: str = "",
        rating: str = "",
        comment: str = "",
        read: bool = True,
        by_mail: bool = False,
    ) -> None:
        path, title = talks.PAGES[page]
        self.chats.append(
            PastChat(
                visitor=visitor,
                operator=operator,
                started_at=start,
                lines=lines,
                accepted_at=accepted,
                closed_at=closed,
                closed_by=str(closed_by),
                rating=str(rating),
                rating_comment=comment,
                page_url=self.origin + path,
                page_title=title,
                read=read,
                group=self.groups.get(page) if accepted else None,  # who waits can be taken by everybody
                by_mail=by_mail,
                answers=[{"question": words.TOPIC, "answer": words.TOPICS[page]}] if page in words.TOPICS else [],
            )
        )
