"""Writes of an erasure with proof: plan, confirm, erase table by table, look again, sign (P6, S97, S101)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import end_sessions
from accounts.actions.erasing import deletes_rows, erase_account, erase_at_once, erase_rows, list_steps, on_hold
from accounts.actions.people import deactivate_user
from accounts.models import User
from accounts.scoping import scopes_disabled
from audit.actions import forget_subjects, record
from core.commit import current_commit
from core.erased import hash_word, read_erased, remember_erased, whole_of, word_of
from core.errors import Refused
from core.full_text import compact_indexes
from core.personal_data import Erase, PersonalModel, Subject, SubjectRef, registry
from outbox.actions import park_waiting
from privacy.actions.cases import note_erased
from privacy.certificates import sign
from privacy.models import ErasurePlan
from privacy.persons import Person
from privacy.queries import erasures as queries
from privacy.sweep import Swept, sweep

State = ErasurePlan.State
MAY_HAVE_LEFT = "erased again after a restore: it may have left the first time; try it again by hand"
OWN_TABLES = ("privacy.ErasurePlan",)


# ---- Planning ------------------------------------------------------------------------------------------------
@transaction.atomic
def plan_erasure(*, case: Any = None, person: Person | None = None) -> ErasurePlan:
    """Writes down the key of every row about a person, before anything goes.

    Who: `person`, or the people of the case. Refuses `nothing_held` when no row stands for them, and `on_hold`.
    """
    refs = person.refs if person is not None else queries.refs_of(case.refs)
    if not refs:
        raise Refused("nothing_held", _("We hold nothing about this person."))
    if queries.is_on_hold(refs):
        raise on_hold()
    keys = queries.find_keys(refs)
    needles = queries.drop_shared(queries.find_needles(keys), keys)
    plan = ErasurePlan.objects.create(
        case_ref=None if case is None else case.pk,
        refs=[[ref.subject.value, ref.pk] for ref in refs],
        keys=keys,
        needles=needles,
    )
    _log("erasure.planned", plan, {"rows": sum(map(len, keys.values()))})
    return plan


@transaction.atomic
def confirm_erasure(*, case: Any = None, plan: ErasurePlan | None = None) -> ErasurePlan:
    """The decision: the person's sessions end now, and the run is queued. Twice is harmless.

    Refuses `not_found` without a plan, `on_hold`, and `last_owner` or `self_staff` as `deactivate_user` does.
    """
    plan = plan or queries.find_plan_of(case)
    if plan is None:
        raise Refused("not_found", _("We cannot find that. It may have been removed."), status=404)
    refs = queries.refs_of(plan.refs)
    if queries.is_on_hold(refs):
        raise on_hold()
    if ErasurePlan.objects.filter(pk=plan.pk, state=State.PLANNED).update(
        state=State.CONFIRMED, confirmed_at=timezone.now()
    ):
        for user in User.objects.filter(pk__in=[ref.pk for ref in refs if ref.subject is Subject.USER]):
            deactivate_user(user=user, by_user_id=user.pk)
        _log("erasure.confirmed", plan, {})
        transaction.on_commit(_wake)
    plan.refresh_from_db()
    return plan


@transaction.atomic
def begin_erasure(*, person: Person) -> ErasurePlan:
    """Plans and confirms in one step, at the wish of a person who proved who they are. Refuses as both do."""
    return confirm_erasure(plan=plan_erasure(person=person))


def begin_for(refs: Iterable[SubjectRef]) -> str:
    """The same for the apps below, which know rows and no pages: the path of the page with the certificate."""
    plan = begin_erasure(person=Person(tuple(refs)))
    return reverse("privacy:erasure_result", args=[plan.public_id])


def _wake() -> None:
    from privacy.tasks import run_erasures

    run_erasures.delay()


# ---- The run -------------------------------------------------------------------------------------------------
def run_erasure(*, plan: ErasurePlan, again: bool = False) -> ErasurePlan:
    """Erases what the plan names, table by table, then looks everywhere and signs. Killed anywhere, it goes on.

    What is found afterwards reopens the plan, with the names of tables and columns. `again`: the site did it before a
    restore, and its letter may have left. Refuses `on_hold`, and `not_confirmed` for a plan that is only a plan.
    """
    plan.refresh_from_db()
    if plan.state == State.DONE:
        return plan
    if plan.state == State.PLANNED:
        raise Refused("not_confirmed", _("Nobody has confirmed this erasure yet."))
    refs = queries.refs_of(plan.refs)
    if queries.is_on_hold(refs):
        raise on_hold()
    with scopes_disabled():
        if not plan.counts:  # first: a restored backup finishes what is begun here; later a row may be somebody new
            remember_erased(queries.list_words(refs))
        _shut_out(refs)
        _freeze_again(plan, refs)
        for account in queries.list_own_accounts(refs):
            erase_account(account=account)
        for entry in list_steps():
            if entry.model not in OWN_TABLES:
                _step(plan, entry)
        forget_subjects(subjects=Person(tuple(refs)).words())
        compact_indexes()  # what the triggers took out of an index still stands in its pages
        swept = sweep(plan.needles, plan.keys)
        _finish(plan, swept, _still_there(plan), again)
    return plan


def run_due_erasures() -> int:
    """Goes on with every confirmed plan. What is under a hold waits. Answers how many are done."""
    done = 0
    for plan in queries.list_unfinished():
        try:
            done += run_erasure(plan=plan).state == State.DONE
        except Refused:
            continue
    return done


def _shut_out(refs: Iterable[SubjectRef]) -> None:
    """Nobody writes new rows while theirs go: log-in, sessions and sockets end."""
    for ref in refs:
        if ref.subject is Subject.USER and User.objects.filter(pk=ref.pk).exists():
            User.objects.filter(pk=ref.pk, is_active=True).update(is_active=False)
            end_sessions(user_id=ref.pk)


def _freeze_again(plan: ErasurePlan, refs: Iterable[SubjectRef]) -> None:
    """Rows that came since the plan are added to it; tables with new rows are done once more."""
    with transaction.atomic():
        fresh, needles = queries.find_keys(refs), set(plan.needles)
        for model, keys in fresh.items():
            known = {str(key) for key in plan.keys.get(model, [])}
            if added := [key for key in keys if str(key) not in known]:
                plan.keys[model] = [*plan.keys.get(model, []), *added]
                plan.done = [name for name in plan.done if name != model]
        plan.needles = sorted(needles | set(queries.drop_shared(queries.find_needles(fresh), fresh)))
        plan.save(update_fields=["keys", "needles", "done"])


def _step(plan: ErasurePlan, entry: PersonalModel) -> None:
    """One table in one transaction, with its line in `done`: all of it happens, or none."""
    with transaction.atomic():
        locked = ErasurePlan.objects.select_for_update().get(pk=plan.pk)
        keys = locked.keys.get(entry.model, [])
        if keys and entry.model not in locked.done and locked.state != State.DONE:
            rows = apps.get_model(entry.model)._base_manager.filter(pk__in=keys)
            counts = Counter(locked.counts)
            counts[entry.model] += rows.count()
            erase_rows(entry, keys)
            locked.done, locked.counts = [*locked.done, entry.model], dict(counts)
            locked.save(update_fields=["done", "counts"])
    plan.done, plan.counts = locked.done, locked.counts


# ---- Afterwards ------------------------------------------------------------------------------------------------
def _still_there(plan: ErasurePlan) -> dict[str, int]:
    """How many of the planned rows are in each table now."""
    found = {}
    for model, keys in plan.keys.items():
        found[model] = apps.get_model(model)._base_manager.filter(pk__in=keys).count()
    return {model: count for model, count in found.items() if count}


def _finish(plan: ErasurePlan, swept: Swept, left: dict[str, int], again: bool) -> None:
    """Signs the certificate; or reopens the plan while something stands where it must not."""
    forgotten = [(model, "", count) for model, count in left.items() if deletes_rows(registry.find(model))]
    findings = [list(line) for line in [*forgotten, *swept.found]]
    with transaction.atomic():
        locked = ErasurePlan.objects.select_for_update().get(pk=plan.pk)
        if locked.state == State.DONE:
            plan.refresh_from_db()
            return
        if findings and not (plan.accepted_because and findings == locked.findings):
            locked.state, locked.findings, locked.done = State.REOPENED, findings, []
            locked.save(update_fields=["state", "findings", "done"])
            _log("erasure.reopened", locked, {"found": findings})
        else:
            _certify(locked, swept, left, again)
    plan.refresh_from_db()


def _certify(plan: ErasurePlan, swept: Swept, left: dict[str, int], again: bool) -> None:
    plan.finished_at = timezone.now()
    plan.certificate, refs = sign(_body(plan, swept, left)), queries.refs_of(plan.refs)
    plan.state, plan.refs, plan.keys, plan.needles = State.DONE, [], {}, []
    plan.save()
    _log("person.erased", plan, plan.counts)
    answered = note_erased(case_pk=plan.case_ref, refs=refs, certificate=plan.certificate, public_id=plan.public_id)
    if again:
        park_waiting(reason=MAY_HAVE_LEFT, recipients=[f"case:{pk}" for pk in answered])
    if plan.case_ref is None and answered:  # begun by the person, who had asked for it, too
        plan.case_ref = answered[0]
        plan.save(update_fields=["case_ref"])


def _body(plan: ErasurePlan, swept: Swept, left: dict[str, int]) -> dict[str, Any]:
    """What the certificate says: counts, reasons and times, and nothing by which the person could be known."""
    erased = {model: count for model, count in plan.counts.items() if deletes_rows(registry.find(model))}
    return {
        "what": "erasure",
        "certificate": str(plan.public_id),
        "planned_at": plan.planned_at,
        "erased_at": plan.finished_at,
        "commit": current_commit(),
        "erased": erased,
        "kept": [_kept_line(registry.find(model), count) for model, count in sorted(left.items())],
        "looked_at": {
            "columns": swept.columns, "indexes": swept.indexes, "files": swept.files, "cache": swept.entries
        },
        "words_looked_for": len(plan.needles),
        "not_asked_for": queries.list_apart(plan.case_ref),
        "found": [{"table": table, "column": column, "rows": rows} for table, column, rows in plan.findings],
        "found_stays_because": plan.accepted_because,
    }  # fmt: skip


def _kept_line(entry: PersonalModel, count: int) -> dict[str, Any]:
    emptied = [field.name for field in entry.fields if field.erase not in (Erase.KEEP, Erase.DELETE_ROW)]
    return {
        "table": entry.model,
        "is": str(entry.label),
        "rows": count,
        "emptied": emptied,
        "why": str(queries.why_kept(entry) or _("The fields about the person are emptied.")),
        "until": str(entry.kept),
    }


@transaction.atomic
def accept_findings(*, plan: ErasurePlan, by: User, because: str) -> None:
    """An officer says why what was found stays (a letter of somebody else names the person); the run goes on.

    Refuses `no_reason`, and `not_found` for a plan that is not reopened.
    """
    if not because.strip():
        raise Refused("no_reason", _("Say why it stays."))
    changed = ErasurePlan.objects.filter(pk=plan.pk, state=State.REOPENED).update(
        state=State.CONFIRMED, accepted_because=because.strip()[:500]
    )
    if not changed:
        raise Refused("not_found", _("We cannot find that. It may have been removed."), status=404)
    _log("erasure.accepted", plan, {}, actor=f"user:{by.pk}")
    transaction.on_commit(_wake)


@transaction.atomic
def try_again(*, plan: ErasurePlan) -> None:
    """After what was found is put right, the plan runs once more from its first table."""
    if ErasurePlan.objects.filter(pk=plan.pk, state=State.REOPENED).update(state=State.CONFIRMED, accepted_because=""):
        transaction.on_commit(_wake)


# ---- Other ways to be erased -----------------------------------------------------------------------------------
def erase_ref(ref: SubjectRef, *, again: bool = False) -> dict[str, int]:
    """Plans, confirms and runs at once: for people who left, and `again` after a restore. Answers {"app.Model": rows}.

    The letters of a second time are parked in the outbox: the first time's are in no backup that needs the second.
    """
    with transaction.atomic():
        plan = plan_erasure(person=Person((ref,)))
        ErasurePlan.objects.filter(pk=plan.pk).update(state=State.CONFIRMED, confirmed_at=timezone.now())
    return dict(run_erasure(plan=plan, again=again).counts)


def replay_erasures() -> dict[str, int]:
    """After a restore: erases again whom the file of hashes knows. Answers how many people and accounts."""
    known = read_erased()
    if not known:
        return {"people": 0, "accounts": 0}
    done = {"people": 0, "accounts": 0}
    with scopes_disabled():
        for ref, whole in _people_to_replay(known):
            if whole:
                _erase_whole(ref)
            else:
                erase_ref(ref, again=True)
            done["people"] += 1
        accounts = apps.get_model("accounts.Account")._base_manager
        for account in list(accounts.order_by("pk")):
            if hash_word(word_of("account", account.pk, account.public_id)) in known:
                erase_account(account=account)
                done["accounts"] += 1
    return done


def _erase_whole(ref: SubjectRef) -> None:
    """A company had deleted its own log of this person."""
    with transaction.atomic():
        erase_at_once(ref, whole=True)
        forget_subjects(subjects=[f"{ref.subject.value}:{ref.pk}"])
    compact_indexes()


def _people_to_replay(known: set[str]) -> list[tuple[SubjectRef, bool]]:
    """Each row that stands for somebody who was erased, and whether it went whole."""
    found = []
    for subject, table in queries.person_tables().items():
        model = apps.get_model(table)
        names = [field.name for field in model._meta.concrete_fields]
        columns = ["pk", "public_id"] if "public_id" in names else ["pk"]
        for row in model._base_manager.order_by("pk").values_list(*columns).iterator(chunk_size=2000):
            word = word_of(subject.value, row[0], row[1] if len(row) > 1 else "")
            if hash_word(word) in known:
                found.append((SubjectRef(subject, row[0]), hash_word(whole_of(word)) in known))
    return found


def _log(action: str, plan: ErasurePlan, facts: dict[str, Any], actor: str = "system") -> None:
    record(account_ref=None, actor=actor, action=action, subject=f"erasure:{plan.pk}", facts=facts)
