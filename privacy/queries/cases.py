"""Reads of cases: a person's own, the officers' and an account's queue, and the public figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.apps import apps
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, User
from accounts.scoping import scopes_disabled
from accounts.staff import privacy_officers
from core.errors import not_found
from core.personal_data import Subject, SubjectRef, registry
from core.secret_links import hash_secret
from privacy.case_links import read_confirm_token
from privacy.models import Download, ErasurePlan
from privacy.models.cases import Case, CaseEvent
from privacy.persons import Person, person_of_address, person_of_user
from privacy.queries.erasures import person_tables, refs_of

PAGE = 50
FIGURES_OF = timedelta(days=365)
LATE_OF = timedelta(days=90)
State = Case.State


def list_answerers(case: Case) -> list[int]:
    """Keys of the people who answer a case: our officers (administrators where there is none), or the owners of the
    account whose visitor asks."""
    if case.account_id is not None:
        owners = Membership.objects.filter(account=case.account_id, role=Membership.Role.OWNER, user__is_active=True)
        return list(owners.values_list("user_id", flat=True))
    officers = list(privacy_officers().values_list("pk", flat=True))
    if officers:
        return officers
    return list(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))


def asks_copy(case: Case) -> bool:
    """Whether a copy answers it."""
    return case.kind in (Case.Kind.ACCESS, Case.Kind.PORTABILITY)


def asks_erasure(case: Case) -> bool:
    """Whether an erasure answers it."""
    return case.kind in (Case.Kind.ERASURE, Case.Kind.ADDRESS_REMOVAL)


def find_person_of(case: Case) -> Person:
    """Whom a case is about: the rows that it names, and what log-in and proved address lead to by now.

    A case of an account is about visitors of this account and about nobody else.
    """
    refs = refs_of(case.refs)
    if case.account_id is not None:
        return Person(_visitors_of(case.account_id, refs), case.email)
    now = person_of_user(case.user) if case.user is not None else person_of_address(case.email)
    known = dict.fromkeys([*refs, *now.refs])
    own = (ref for ref in known if ref.subject is not Subject.USER or ref.pk == case.user_id)  # one log-in, no other
    return Person(tuple(own), case.email or now.email)


def _visitors_of(account: int, refs: Iterable[SubjectRef]) -> tuple[SubjectRef, ...]:
    asked = [ref.pk for ref in refs if ref.subject is Subject.VISITOR]
    visitors = apps.get_model(person_tables()[Subject.VISITOR])._base_manager
    with scopes_disabled():
        own = set(visitors.filter(pk__in=asked, account=account).values_list("pk", flat=True))
    return tuple(SubjectRef(Subject.VISITOR, pk) for pk in sorted(own))


def find_copy_of(case: Case) -> Download | None:
    """The newest copy that was made for a case and is not over."""
    mine = Download.objects.filter(case_ref=case.pk, expires_at__gt=timezone.now())
    return mine.order_by("-pk").first()


def list_results_of(cases: Iterable[Case]) -> tuple[dict[int, Download], dict[int, ErasurePlan]]:
    """What the site made for these cases, by the key of the case: copies that are not over, certificates."""
    keys = [case.pk for case in cases]
    copies = Download.objects.filter(case_ref__in=keys, expires_at__gt=timezone.now()).order_by("pk")
    plans = ErasurePlan.objects.filter(case_ref__in=keys, state=ErasurePlan.State.DONE).order_by("pk")
    return {one.case_ref or 0: one for one in copies}, {one.case_ref or 0: one for one in plans}


def list_reviews(account: Any) -> list[tuple[str, str]]:
    """What erasures left for the company to look after: in words, and the name of the page's URL."""
    asked = [(entry.review, entry.review.count(account)) for entry in registry if entry.review is not None]
    return [(review.say(count), review.link) for review, count in asked if count]


# ---- a person's own -----------------------------------------------------------------------------------------
def list_cases_of(user: Any) -> list[Case]:
    """A person's cases, the live ones first, each with its events in `steps`; a merged one stands in the other."""
    own = (
        Case.objects.filter(user=user, merged_into=None)
        .select_related("account")
        .prefetch_related("events")
        .order_by("-received_at", "-pk")
    )
    return sorted(own[:PAGE], key=lambda case: not case.is_live)


def list_live_of(user: Any) -> list[Case]:
    """A person's cases whose clock runs, the one that is due first above; without their events."""
    own = Case.objects.filter(user=user, merged_into=None, state__in=Case.LIVE)
    return list(own.order_by("due_at", "pk")[:PAGE])


def list_cases_of_known(person: Person, how: str) -> list[Case]:
    """The cases of who is known without a log-in, newest first: by a proved address ("code"), or by a chat ("chat").

    Whoever chats can type any address, so a chat opens only what was asked with its own key, or by an operator for it.
    """
    found = Case.objects.filter(user=None, merged_into=None, verified_at__isnull=False).select_related("account")
    if how == "chat":
        proved = CaseEvent.objects.filter(what="verified", facts__how__in=["chat", "operator"])
        words = [list(pair) for pair in sorted((ref.subject.value, ref.pk) for ref in person.refs)]
        found = found.filter(refs=words, pk__in=proved.values("case"))
    else:
        proved = CaseEvent.objects.filter(what="verified", facts__how__in=["link", "code"])
        found = found.filter(email=person.email.lower(), pk__in=proved.values("case"))
    own = found.prefetch_related("events").order_by("-received_at", "-pk")
    return sorted(own[:PAGE], key=lambda case: not case.is_live)


def find_case_of(user: Any, public_id: Any) -> Case:
    """One case of a person. Raises not_found."""
    case = Case.objects.filter(user_id=user.pk, public_id=public_id).first()
    if case is None:
        raise not_found()
    return case


def find_case_by_secret(secret: str) -> Case:
    """The case that a secret link opens: only after the address was proved. Raises not_found."""
    case = Case.objects.filter(secret_hash=hash_secret(secret), verified_at__isnull=False).first()
    if case is None:
        raise not_found()
    return case


def find_case_to_confirm(token: str) -> tuple[Case, bool]:
    """The case that a mailed link proves, and whether its hours are over. Raises not_found when it was used."""
    read = read_confirm_token(token)
    case = Case.objects.filter(public_id=read[0], state=State.IDENTITY_PENDING).first() if read else None
    if read is None or case is None:
        raise not_found()
    return case, read[1]


def list_steps(case: Case) -> list[CaseEvent]:
    """What happened, oldest first."""
    return sorted(case.events.all(), key=lambda event: (event.at, event.pk))


# ---- who answers --------------------------------------------------------------------------------------------
def list_queue(*, account: Any = None, ended: bool = False) -> Sequence[Case]:
    """Cases of our own (or of one account's visitors): live ones by due time, or the newest that ended."""
    found = _queue(account).select_related("user", "account", "handled_by").prefetch_related("events")
    if ended:
        return list(found.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")[:PAGE])
    return list(found.filter(closed_at=None).order_by("due_at", "pk")[: PAGE * 4])


def list_to_review(*, account: Any = None, everywhere: bool = True) -> list[Case]:
    """Cases that were not done, or not wholly, and whose day to look at them again has come; the oldest first."""
    due = Case.objects.filter(closed_at__isnull=False, review_on__lte=timezone.now().date(), merged_into=None)
    found = due if everywhere else due.filter(account=account)
    return list(found.select_related("user", "account", "handled_by").prefetch_related("events").order_by("review_on"))


def find_in_queue(*, number: int, account: Any = None) -> Case:
    """One case of the queue. Raises not_found."""
    case = _queue(account).select_related("user", "handled_by", "merged_into").filter(number=number).first()
    if case is None:
        raise not_found()
    return case


def count_waiting(account: Any = None) -> int:
    """How many cases wait for us (or for the account)."""
    return _queue(account).filter(state__in=[State.RECEIVED, State.OPEN]).count()


def _queue(account: Any) -> QuerySet[Case]:
    return Case.objects.filter(account=account) if account is not None else Case.objects.filter(account=None)


# ---- public -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Figures:
    """What everybody may know: cases of the last year that ended, median days, refused ones, overdue ones now."""

    ended: int
    median_days: float | None
    refused: int
    overdue: int


def count_figures() -> Figures:
    """Our own cases of the last 365 days that were answered or refused, and those that are overdue now.

    What visitors ask an account is the account's, and not counted here.
    """
    ended = _ended_since(FIGURES_OF)
    spans = [closed - received for received, closed in ended.values_list("received_at", "closed_at") if closed]
    days = [span / timedelta(days=1) for span in spans]
    return Figures(
        ended=len(days),
        median_days=round(median(days), 1) if days else None,
        refused=ended.filter(state=State.REFUSED).count(),
        overdue=list_overdue().count(),
    )


def list_overdue() -> QuerySet[Case]:
    """Our own cases that wait for an answer and whose time is over."""
    waiting = _queue(None).filter(state__in=[State.RECEIVED, State.OPEN], paused_at=None)
    return waiting.filter(due_at__lt=timezone.now())


def list_late_answers() -> QuerySet[Case]:
    """Our own cases that were answered after their time, in the last 90 days."""
    return _ended_since(LATE_OF).filter(closed_at__gt=F("due_at"))


def _ended_since(span: timedelta) -> QuerySet[Case]:
    ended = _queue(None).filter(state__in=[State.ANSWERED, State.REFUSED])
    return ended.filter(closed_at__gte=timezone.now() - span)


def list_refused_without_reason() -> QuerySet[Case]:
    """Refusals of the last year that do not say why, or when they are looked at again; there must be none."""
    refused = Case.objects.filter(state=State.REFUSED, closed_at__gte=timezone.now() - FIGURES_OF)
    return refused.filter(Q(reason_code="") | Q(answer="") | Q(review_on=None))
