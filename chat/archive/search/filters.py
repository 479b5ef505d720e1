"""What the archive is asked for, and what that means for the rows of chats."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account
from chat.models import Chat, ChatTag

RATINGS = ("good", "bad", "none")
KINDS = ("answered", "unanswered", "mail")


@dataclass(frozen=True)
class ArchiveFilter:
    """What is wanted of closed chats. Days are those of the asker's time zone, which stands in `zone`.

    `rating` is one of RATINGS and `kind` one of KINDS, or empty; `operator`, `group` and `tag` are keys; `page` is a
    piece of the address of the page on which the chat began.
    """

    text: str = ""
    operator: int | None = None
    group: int | None = None
    tag: int | None = None
    rating: str = ""
    kind: str = ""
    page: str = ""
    since: date | None = None
    until: date | None = None

    def is_empty(self) -> bool:
        return self == ArchiveFilter()

    def names(self) -> list[str]:
        """The filters that are set, without what they are set to."""
        empty = ArchiveFilter()
        return [name for name in self.__dataclass_fields__ if getattr(self, name) != getattr(empty, name)]


def filter_chats(
    account: Account, wanted: ArchiveFilter, zone: tzinfo, states: tuple[str, ...] = (Chat.State.CLOSED,)
) -> QuerySet[Chat]:
    """The account's chats that fit, but for the text."""
    chats = Chat.of(account).filter(state__in=states) if len(states) > 1 else Chat.of(account).filter(state=states[0])
    keys = {"operator_id": wanted.operator, "group_id": wanted.group}
    chats = chats.filter(**{name: key for name, key in keys.items() if key is not None})
    if wanted.tag is not None:
        chats = chats.filter(Exists(ChatTag.of(account).filter(chat=OuterRef("pk"), tag=wanted.tag)))
    if wanted.rating:
        rated = chats.filter(rating=wanted.rating).exclude(rating="")  # both: so SQLite takes the index of rated chats
        chats = chats.filter(rating="") if wanted.rating == "none" else rated
    if wanted.page:
        chats = chats.filter(page_url__icontains=wanted.page)
    return chats.filter(_kind(wanted.kind), _days(wanted, zone))


def _kind(kind: str) -> Q:
    if kind == "mail":
        return Q(by_mail=True)
    if kind == "answered":
        return Q(accepted_at__isnull=False)
    return Q(accepted_at__isnull=True, by_mail=False) if kind == "unanswered" else Q()


def _days(wanted: ArchiveFilter, zone: tzinfo) -> Q:
    found = Q()
    if wanted.since:
        found &= Q(started_at__gte=datetime.combine(wanted.since, time.min, zone))
    if wanted.until:
        found &= Q(started_at__lt=datetime.combine(wanted.until + timedelta(days=1), time.min, zone))
    return found
