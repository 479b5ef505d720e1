"""What moderators look at, and what members are told of decisions about what they wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.queries import PublicPerson, public_name, public_people
from accounts.staff import support_agents
from core.errors import not_found
from forum.models import ActPost, Check, ModerationAct, Objection, Post, Report, State, Topic
from forum.spam import Finding, read_findings

Row = TypeVar("Row", Post, Report, Objection)
PAGE = 20
LOG_PAGE = 50
LAST = 6
WARNED_DAYS = 30  # for so long a warning is shown at the composer
HELD, REPORT, OBJECTION = "held", "report", "objection"
RANKS = {HELD: 0, REPORT: 1, OBJECTION: 2}  # order of what came at the same moment
Hold = Check.Hold
TABS: dict[str, tuple[str, ...]] = {
    "all": (HELD, REPORT, OBJECTION),
    "new": (HELD,),
    "links": (HELD,),
    "spam": (HELD,),
    "reports": (REPORT,),
    "objections": (OBJECTION,),
}
HOLDS: dict[str, tuple[str, ...]] = {"new": (Hold.NEW,), "links": (Hold.LINKS,), "spam": (Hold.SCORE, Hold.WORK)}
AGAINST = (
    ModerationAct.Kind.HIDE, ModerationAct.Kind.DELETE, ModerationAct.Kind.WARN, ModerationAct.Kind.SUSPEND,
    ModerationAct.Kind.CLEAN_UP,
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a page of the queue ends: the moment, the kind and the key of its last entry."""

    since: datetime
    rank: int
    key: int

    def __str__(self) -> str:
        return f"{round(self.since.timestamp() * 1_000_000)}.{self.rank}.{self.key}"


def read_place(text: str) -> Place | None:
    """The place in a link; None for what is none."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    micros, rank, key = (int(part) for part in parts)
    try:
        since = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError:
        return None
    return Place(since, rank, key)


@dataclass(frozen=True)
class Reported:
    """One report as moderators see it."""

    who: str
    reason: str
    label: str
    text: str


@dataclass
class Entry:
    """One thing that waits for a moderator."""

    kind: str
    since: datetime
    key: int
    post: Post | None
    topic: Topic | None
    reports: list["Reported"] = field(default_factory=list)
    objection: Objection | None = None
    person: PublicPerson | None = None
    published: int = 0
    removed: int = 0
    is_own_act: bool = False  # an objection to what the asker decided, and there is somebody else to answer

    @property
    def place(self) -> Place:
        """Where it stands in the queue."""
        return Place(self.since, RANKS[self.kind], self.key)

    @property
    def check(self) -> Check | None:
        """What the rules said of its post, where they were asked."""
        return getattr(self.post, "looked_at", None) if self.post is not None else None

    @property
    def findings(self) -> list[Finding]:
        """The rules that gave points."""
        return read_findings(self.check.findings) if self.check else []

    @property
    def ref(self) -> str:
        """The post as forms name it."""
        return ref_of(self.post) if self.post is not None else ""


@dataclass(frozen=True)
class Queue:
    """A page of the queue, oldest first; `next` is where the following page begins, "" at the end."""

    entries: list[Entry]
    next: str
    people: dict[int, PublicPerson]


def ref_of(post: Post) -> str:
    """A post in a form: its topic's public id and its number."""
    return f"{post.topic.public_id}:{post.number}"


def find_posts(refs: Iterable[str]) -> list[Post]:
    """The posts that a form names, with their topics; a wrong name is nobody's. Raises not_found when none is there."""
    wanted: dict[str, set[int]] = {}
    for ref in list(refs)[:200]:
        topic, _, number = ref.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 10 and _is_uuid(topic):
            wanted.setdefault(topic, set()).add(int(number))
    places = Q(pk__in=[])
    for topic, numbers in wanted.items():
        places |= Q(topic__public_id=topic, number__in=numbers)
    rows = list(Post.objects.filter(places).select_related("topic"))
    if not rows:
        raise not_found()
    return rows


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# ---- The queue ------------------------------------------------------------------------------------------------------
def list_queue(tab: str, after: Place | None = None, asker: User | None = None) -> Queue:
    """What waits, oldest first. The number of statements does not depend on how much that is."""
    found: list[Entry] = []
    for kind in TABS[tab]:
        found += _SOURCES[kind](tab, after)
    found.sort(key=lambda entry: (entry.since, RANKS[entry.kind], entry.key))
    entries, more = found[:PAGE], found[PAGE:]
    people = _fill(entries)
    own = [entry for entry in entries if asker and entry.objection and entry.objection.act.by_id == asker.pk]
    if own and asker is not None and has_other_moderator(asker):
        for entry in own:
            entry.is_own_act = True
    return Queue(entries, str(entries[-1].place) if more else "", people)


def _held(tab: str, after: Place | None) -> list[Entry]:
    rows = Post.objects.filter(state=State.HELD).select_related("topic", "looked_at")
    if tab in HOLDS:
        rows = rows.filter(looked_at__held_for__in=HOLDS[tab])
    found = _page(rows, after, HELD)
    return [Entry(HELD, post.created_at, post.pk, post, post.topic) for post in found]


def _reported(tab: str, after: Place | None) -> list[Entry]:
    """The first open report of each post stands for all of them."""
    before = Report.objects.filter(post=OuterRef("post"), state=Report.State.OPEN, pk__lt=OuterRef("pk"))
    rows = Report.objects.filter(~Exists(before), state=Report.State.OPEN)
    found = _page(rows.select_related("post__topic", "post__looked_at"), after, REPORT)
    return [Entry(REPORT, row.created_at, row.pk, row.post, row.post.topic) for row in found]


def _objected(tab: str, after: Place | None) -> list[Entry]:
    rows = Objection.objects.filter(state=Objection.State.OPEN)
    found = _page(rows.select_related("act__post__topic", "act__topic"), after, OBJECTION)
    return [
        Entry(OBJECTION, row.created_at, row.pk, row.act.post, row.act.topic, objection=row) for row in found
    ]  # fmt: skip


_SOURCES = {HELD: _held, REPORT: _reported, OBJECTION: _objected}


def _page(rows: "QuerySet[Row]", after: Place | None, kind: str) -> "list[Row]":
    if after is not None:
        rank = RANKS[kind]
        same = Q(created_at=after.since) & (Q(pk__gt=after.key) if rank == after.rank else Q())
        later = Q(created_at__gt=after.since)
        rows = rows.filter(later | same if rank >= after.rank else later)
    return list(rows.order_by("created_at", "pk")[: PAGE + 1])


def _fill(entries: Sequence[Entry]) -> dict[int, PublicPerson]:
    """Reports, authors and what is known of them, for a whole page at once; answers the people by primary key."""
    posts = {entry.post.pk: entry for entry in entries if entry.post is not None and entry.kind != OBJECTION}
    reports = list(Report.objects.filter(post__in=posts, state=Report.State.OPEN).order_by("pk")) if posts else []
    authors = {key for entry in entries if (key := author_of(entry)) is not None}
    acting = {key for entry in entries if entry.objection and (key := entry.objection.act.by_id)}
    people = public_people(authors | {row.reporter_id for row in reports if row.reporter_id} | acting)
    for report in reports:
        who = people[report.reporter_id].name if report.reporter_id else public_name(None)
        posts[report.post_id].reports.append(Reported(who, report.reason, report.get_reason_display(), report.text))
    published = _count(Post.objects.filter(author__in=authors, state=State.PUBLISHED), "author") if authors else {}
    acts = ModerationAct.objects.filter(member__in=authors, kind__in=AGAINST, undone_at=None)
    removed = _count(acts, "member") if authors else {}
    for entry in entries:
        key = author_of(entry) or 0
        entry.person, entry.published, entry.removed = people.get(key), published.get(key, 0), removed.get(key, 0)
    return people


def author_of(entry: Entry) -> int | None:
    """Whom an entry is about, as a primary key; None for somebody who is gone."""
    if entry.objection is not None:
        return entry.objection.act.member_id
    return entry.post.author_id if entry.post is not None else None


def _count(rows: "QuerySet[Post] | QuerySet[ModerationAct]", by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(Count("pk")))


def count_queue() -> dict[str, int]:
    """How much waits in each tab."""
    held = Post.objects.filter(state=State.HELD).order_by().values_list("looked_at__held_for").annotate(Count("pk"))
    holds = {hold or "": count for hold, count in held}
    reports = Report.objects.filter(state=Report.State.OPEN).aggregate(n=Count("post", distinct=True))["n"]
    objections = Objection.objects.filter(state=Objection.State.OPEN).aggregate(n=Count("pk"))["n"]
    counts = {tab: sum(holds.get(hold, 0) for hold in kinds) for tab, kinds in HOLDS.items()}
    return {**counts, "reports": reports, "objections": objections, "all": sum(holds.values()) + reports + objections}


# ---- Decisions ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Decision:
    """An act with the names that its line shows."""

    act: ModerationAct
    by: PublicPerson | None
    author: PublicPerson | None


def list_log(before: int | None = None, size: int = LOG_PAGE) -> tuple[list[Decision], int | None]:
    """The acts, newest first, and the key with which the next page begins."""
    rows = ModerationAct.objects.select_related("post__topic", "topic", "into", "came_from").order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before is not None else rows)[: size + 1])
    return _decide(found[:size]), found[size - 1].pk if len(found) > size else None


def list_suspended(now: datetime | None = None) -> list[Decision]:
    """Suspensions in force, the one that ends first first."""
    rows = ModerationAct.objects.filter(until__gt=now or timezone.now(), undone_at=None)
    return _decide(list(rows.select_related("post__topic", "topic").order_by("until", "pk")[:200]))


def _decide(acts: Sequence[ModerationAct]) -> list[Decision]:
    wanted = {key for act in acts for key in (act.by_id, _about(act)) if key is not None}
    people = public_people(wanted)
    return [Decision(act, people.get(act.by_id or 0), people.get(_about(act) or 0)) for act in acts]


def _about(act: ModerationAct) -> int | None:
    return act.member_id or (act.post.author_id if act.post is not None else None)


def list_decisions(member: User, before: int | None = None) -> tuple[list[ModerationAct], int | None]:
    """What was decided about what this member wrote, newest first, and where the next page begins."""
    rows = ModerationAct.objects.filter(member=member).select_related("post__topic", "topic", "into", "objection")
    rows = rows.order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before is not None else rows)[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def find_decision(member: User, public_id: UUID) -> ModerationAct:
    """One decision about this member. Raises not_found for another's."""
    rows = ModerationAct.objects.select_related("post__topic", "topic", "into", "came_from", "objection")
    found = rows.filter(public_id=public_id, member=member).first()
    if found is None:
        raise not_found()
    return found


def find_act(public_id: UUID) -> ModerationAct:
    """One act, for moderators. Raises not_found."""
    found = ModerationAct.objects.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def find_suspension(member: User, now: datetime | None = None) -> ModerationAct | None:
    """The act that keeps a member from writing now, the one that lasts longest; None when nothing does."""
    rows = ModerationAct.objects.filter(member=member, until__gt=now or timezone.now(), undone_at=None)
    return rows.order_by("-until").first()


def has_other_moderator(user: User) -> bool:
    """Whether somebody else could answer an objection."""
    return support_agents().exclude(pk=user.pk).exists()


def find_merged(public_id: UUID) -> Topic | None:
    """The published topic into which this one was merged."""
    rows = ModerationAct.objects.filter(topic__public_id=public_id, topic__state=State.DELETED, undone_at=None)
    rows = rows.filter(kind=ModerationAct.Kind.MERGE, into__state=State.PUBLISHED)
    act = rows.select_related("into").order_by("-pk").first()
    return act.into if act is not None else None


def find_moved(public_id: UUID, number: int) -> Post | None:
    """The post that had this number in this topic before it was split off or merged."""
    rows = ActPost.objects.filter(topic_before__public_id=public_id, number_before=number, act__undone_at=None)
    rows = rows.exclude(post__topic=F("topic_before")).select_related("post__topic").order_by("-pk")
    found = rows.first()
    return found.post if found is not None else None


@dataclass(frozen=True)
class Notices:
    """What a member is told at the composer: what keeps them from writing, and a warning of the last days."""

    suspension: ModerationAct | None = None
    warning: ModerationAct | None = None


def find_notices(member: User) -> Notices:
    """Suspension and warning of a member, in one statement."""
    now = timezone.now()
    warned = Q(kind=ModerationAct.Kind.WARN, created_at__gte=now - timedelta(days=WARNED_DAYS))
    rows = ModerationAct.objects.filter(Q(until__gt=now) | warned, member=member, undone_at=None).order_by("-pk")
    found = list(rows[:20])
    suspended = sorted((act for act in found if act.until), key=lambda act: act.until or now)
    warnings = [act for act in found if act.kind == ModerationAct.Kind.WARN]
    return Notices(suspended[-1] if suspended else None, warnings[0] if warnings else None)


# ---- What the rules ask ---------------------------------------------------------------------------------------------
def count_same(fingerprint: str, author: int, now: datetime, besides: int = 0) -> tuple[int, int]:
    """How often the same text was posted within a day: by this author, and by others."""
    since = now - timedelta(hours=Check.SAME_HOURS)
    rows = Check.objects.filter(fingerprint=fingerprint, created_at__gte=since).exclude(post=besides)
    authors = list(rows.values_list("post__author", flat=True)[:50])
    own = sum(1 for key in authors if key == author)
    return own, len(authors) - own


def count_recent(author: int, now: datetime) -> int:
    """Posts of this author in the last ten minutes."""
    rows = Post.objects.filter(author=author).order_by("-pk").values_list("created_at", flat=True)[:10]
    return sum(1 for at in rows if at > now - timedelta(minutes=10))


def count_published(author: int, most: int) -> int:
    """How many published posts a member has, counted up to `most`."""
    rows = Post.objects.filter(author=author, state=State.PUBLISHED).order_by().values_list("pk")
    return len(rows[:most])
