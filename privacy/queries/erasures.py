"""Reads of erasures: what would go and what would stay, whom a hold covers, the words to look for afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import CharField, Count, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.erasing import deletes_rows, keys_of, list_steps
from accounts.models import Account, User
from accounts.scoping import scopes_disabled
from core.erased import word_of
from core.errors import not_found
from core.personal_data import Category, Erase, PersonalModel, Subject, SubjectRef, means_one_person, registry
from privacy.models import Case, ErasurePlan, Hold
from privacy.persons import is_known

BATCH = 500
TEXTS = (CharField, TextField)
LOG_IN_APART = gettext_lazy("A log-in with the same address is not part of this. Log in to erase it.")


@dataclass(frozen=True)
class PlanLine:
    """One table of a plan: how many rows, what becomes of them, and what stays, why and until when."""

    label: Any
    count: int
    what: str
    reason: Any = ""
    until: Any = ""
    model: str = ""


def person_tables() -> dict[Subject, str]:
    """Which table has the rows that stand for each kind of person, as the apps declare it."""
    people = (entry for entry in registry if entry.of_address is not None)
    return {entry.stands_for or entry.subject: entry.model for entry in people}


def refs_of(stored: Iterable[Any]) -> tuple[SubjectRef, ...]:
    """The people that a JSON list such as [["user", 12]] names."""
    return tuple(SubjectRef(Subject(kind), int(pk)) for kind, pk in stored)


def find_keys(refs: Iterable[SubjectRef]) -> dict[str, list[Any]]:
    """Every row about these people: {"app.Model": keys}, tables without a row left out."""
    people = list(refs)
    with scopes_disabled():
        found = {entry.model: keys_of(entry, people) for entry in list_steps()}
    return {model: keys for model, keys in found.items() if keys}


def preview(person: Any) -> list[PlanLine]:
    """What an erasure of this person would do now, table by table; nothing is written."""
    return _list_lines(find_keys(person.refs), person.refs)


def preview_plan(plan: ErasurePlan) -> list[PlanLine]:
    """What a plan that was written down would do."""
    apart = [PlanLine(why, 1, _("not part of this")) for why in list_apart(plan.case_ref)]
    return _list_lines(plan.keys, refs_of(plan.refs)) + apart


def _list_lines(keys: dict[str, list[Any]], refs: Iterable[SubjectRef]) -> list[PlanLine]:
    lines = [_line(registry.find(model), len(found)) for model, found in keys.items()]
    alone = [
        PlanLine(account.company, 1, _("deleted with everything in it"), _("Nobody else works in it."), "", "")
        for account in list_own_accounts(refs)
    ]
    return alone + sorted(lines, key=lambda line: bool(line.reason))


def _line(entry: PersonalModel, count: int) -> PlanLine:
    kept = [field for field in entry.fields if field.erase is Erase.KEEP]
    if deletes_rows(entry):
        return PlanLine(entry.label, count, _("deleted"), model=entry.model)
    what = _("kept") if len(kept) == len(entry.fields) else _("emptied; the rest is kept")
    return PlanLine(entry.label, count, what, why_kept(entry), entry.kept, entry.model)


def why_kept(entry: PersonalModel) -> Any:
    """Why rows of a table stay when their person is erased: of the whole row, else of the first field that stays."""
    kept = (field.kept_because for field in entry.fields if field.erase is Erase.KEEP)
    return entry.stays_because or next(kept, "")


def list_own_accounts(refs: Iterable[SubjectRef]) -> list[Account]:
    """The accounts in which only these people work: they go with them."""
    users = [ref.pk for ref in refs if ref.subject is Subject.USER]
    mine = Account.objects.filter(memberships__user__in=users).values("pk")
    counted = Account.objects.filter(pk__in=mine).annotate(people=Count("memberships"))
    return list(counted.filter(people=1).order_by("pk"))


def list_words(refs: Iterable[SubjectRef]) -> list[str]:
    """The words under which the file of erased people knows them: "user:12:<public id>"."""
    words, people = [], person_tables()
    for ref in refs:
        model = apps.get_model(people[ref.subject])
        with scopes_disabled():
            row = model._base_manager.filter(pk=ref.pk).first()
        if row is not None and is_known(ref):
            words.append(word_of(ref.subject.value, ref.pk, getattr(row, "public_id", "")))
    return words


# ---- Needles: words that mean this person and nobody else -------------------------------------------------
def find_needles(keys: dict[str, list[Any]]) -> list[str]:
    """Addresses, full names, handles and numbers elsewhere, read from the rows of a plan before they go."""
    found: set[str] = set()
    with scopes_disabled():
        for name, pks in keys.items():
            entry, model = registry.find(name), apps.get_model(name)
            fields = [field for field in entry.fields if field.category in (Category.IDENTITY, Category.CONTACT)]
            names = [field.name for field in fields if field.erase is not Erase.KEEP]
            if not names:
                continue
            for start in range(0, len(pks), BATCH):
                for row in model._base_manager.filter(pk__in=pks[start : start + BATCH]).values(*names):
                    found.update(_needles_of(row))
    return sorted(found)


def _needles_of(row: dict[str, Any]) -> Iterable[str]:
    texts = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
    if texts.get("name") and texts.get("surname"):
        yield f"{texts['name']} {texts['surname']}"
    for text in texts.values():
        if means_one_person(text):
            yield text


def drop_shared(needles: Iterable[str], keys: dict[str, list[Any]]) -> list[str]:
    """The needles without those by which somebody else goes, too, whose row is no part of the plan.

    A namesake's name, and the address in a log-in that was not asked for, are no traces of who was erased; wherever
    else such a word stands, nobody could say whose it is.
    """
    wanted, shared = set(needles), set()
    with scopes_disabled():
        for entry in registry:
            if entry.of_address is None and not entry.is_person:
                continue
            model = apps.get_model(entry.model)
            fields = [one for one in entry.fields if one.category in (Category.IDENTITY, Category.CONTACT)]
            names = [one.name for one in fields if isinstance(model._meta.get_field(one.name), TEXTS)]
            others = model._base_manager.exclude(pk__in=keys.get(entry.model, []))
            for name in names:
                shared |= set(others.filter(**{f"{name}__in": wanted}).values_list(name, flat=True))
            if {"name", "surname"} <= set(names):
                whole = Concat("name", Value(" "), "surname", output_field=CharField())
                shared |= set(others.annotate(whole=whole).filter(whole__in=wanted).values_list("whole", flat=True))
    return sorted(wanted - shared)


def list_apart(case_pk: int | None) -> list[str]:
    """What has the address of a case and was not asked for, in words for the certificate: a log-in keeps its data."""
    case = Case.objects.filter(pk=case_pk or 0, user=None, account=None).exclude(email="").first()
    return [str(LOG_IN_APART)] if case is not None and has_log_in(case.email) else []


def has_log_in(email: str) -> bool:
    """Whether somebody logs in with this address."""
    own = User.objects.filter(email__iexact=email)
    return own.exists() or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()


# ---- Holds ------------------------------------------------------------------------------------------------
def list_active_holds() -> list[Hold]:
    """Holds that were not ended and whose day has not come."""
    return list(Hold.objects.filter(ended_at=None, review_on__gte=timezone.now().date()).select_related("owner"))


def held_keys(model: str) -> set[Any]:
    """The keys of the rows of "app.Model" under a hold; in two statements where there is none."""
    refs = [ref for hold in list_active_holds() for ref in refs_of(hold.refs)]
    if not refs or model not in registry:
        return set()
    with scopes_disabled():
        return set(keys_of(registry.find(model), refs))


def is_on_hold(refs: Iterable[SubjectRef]) -> bool:
    """Whether one of these people, or a row about them, is under a hold."""
    held = {ref for hold in list_active_holds() for ref in refs_of(hold.refs)}
    return bool(held & set(refs))


# ---- Plans ------------------------------------------------------------------------------------------------
def find_plan(public_id: Any) -> ErasurePlan | None:
    """A plan by the number in its address, which only the person got."""
    return ErasurePlan.objects.filter(public_id=public_id).exclude(state=ErasurePlan.State.PLANNED).first()


def find_plan_of(case: Any) -> ErasurePlan | None:
    """The newest plan of a case."""
    return ErasurePlan.objects.filter(case_ref=case.pk).order_by("-pk").first()


def list_unfinished() -> list[ErasurePlan]:
    """Confirmed plans that have no certificate yet and wait for nobody."""
    return list(ErasurePlan.objects.filter(state=ErasurePlan.State.CONFIRMED).order_by("pk"))


def list_open_plans() -> list[ErasurePlan]:
    """Plans in which something was found, and which an officer must look at."""
    return list(ErasurePlan.objects.filter(state=ErasurePlan.State.REOPENED).order_by("pk"))


def find_open_plan(number: str) -> ErasurePlan:
    """One of these by its number. Raises `not_found`."""
    plan = ErasurePlan.objects.filter(pk=int(number) if number.isdecimal() else 0, state="reopened").first()
    if plan is None:
        raise not_found()
    return plan


def find_hold(number: str) -> Hold:
    """A hold by its number. Raises `not_found`."""
    hold = Hold.objects.filter(pk=int(number) if number.isdecimal() else 0, ended_at=None).first()
    if hold is None:
        raise not_found()
    return hold
