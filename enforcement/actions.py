"""Writes of enforcement: case, evidence, notice, answer, suspension, appeal, end; each is in the audit log (S53)."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.enforcing import set_account_suspended, set_member_suspended
from accounts.models import Account, User
from accounts.staff import privacy_officers
from audit.actions import record
from chat.actions.files import judge_file
from chat.files import store
from core.errors import Refused
from enforcement import queries
from enforcement.models import LONGEST, EnforcementCase, Evidence, Series
from outbox.actions import enqueue

State = EnforcementCase.State
LEAST_DAYS, MOST_DAYS = 3, 30  # to answer a notice


@transaction.atomic
def open_case(
    *, ground: str, facts: str, by: User, account: Account | None = None, user: User | None = None
) -> EnforcementCase:
    """Begins a case about an account or a member; nobody is told yet. Raises Refused: `missing`, `staff`."""
    if ground not in EnforcementCase.Ground.values or not facts.strip() or (account is None) == (user is None):
        raise Refused("missing", _("Say whom it is about, on which ground, and what happened."))
    if user is not None and user.is_staff:
        raise Refused("staff", _("Our own staff cannot be suspended here."), status=403)
    Series.objects.get_or_create(pk=1)
    series = Series.objects.select_for_update().get(pk=1)
    series.last += 1
    series.save(update_fields=["last"])
    case = EnforcementCase.objects.create(
        number=series.last, account=account, user=user, ground=ground, facts=facts.strip()[:LONGEST], opened_by=by
    )
    _log(case, "opened", by, {"ground": ground})
    return case


def add_evidence(
    *, case: EnforcementCase, by: User, text: str = "", link: str = "", file: tuple[str, bytes] | None = None
) -> Evidence:
    """Adds a text, a link or a file to a case that is not decided. Raises Refused: `missing`, `wrong_state`, and the
    codes of chat's files.
    """
    if not (text.strip() or link.strip() or file):
        raise Refused("missing", _("Add a text, a link or a file."))
    row = Evidence(case=case, text=text.strip()[:LONGEST], link=link.strip(), added_by=by)
    if file is not None:
        judged, content = judge_file(*file)
        row.name, row.content_type = store.clean_name(file[0], judged["ending"]), judged["type"]
        row.size, row.path = len(content), store.store(content)
    try:
        with transaction.atomic():
            _check(_lock(case), State.DRAFT, State.NOTICED)
            row.save()
            _log(case, "evidence_added", by, {})
    except BaseException:
        store.remove([row.path] if row.path else [])
        raise
    return row


@transaction.atomic
def give_notice(*, case: EnforcementCase, by: User, days: int) -> EnforcementCase:
    """Tells the owners, or the member, what we hold against them, with the evidence, and until when they can answer.

    Raises Refused: `no_evidence`, `days` outside 3 to 30, `wrong_state`.
    """
    case = _lock(case)
    _check(case, State.DRAFT)
    if not case.evidence.exists():
        raise Refused("no_evidence", _("Add the evidence first. Nobody is accused without it."))
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise Refused("days", _("Give between %(least)d and %(most)d days.") % {"least": LEAST_DAYS, "most": MOST_DAYS})
    case.state, case.noticed_at = State.NOTICED, timezone.now()
    case.answer_by = case.noticed_at + timedelta(days=days)
    case.save(update_fields=["state", "noticed_at", "answer_by"])
    _log(case, "noticed", by, {"days": days})
    _tell(case, "noticed")
    return case


@transaction.atomic
def answer_notice(*, case: EnforcementCase, by: User, text: str) -> EnforcementCase:
    """What the person says to it, once. Raises Refused: `missing`, `wrong_state`, `answered`."""
    case = _lock(case)
    _check(case, State.NOTICED)
    if case.answered_at is not None:
        raise Refused("answered", _("You have answered already."), status=409)
    if not text.strip():
        raise Refused("missing", _("Write your answer."))
    case.answer, case.answered_at = text.strip()[:LONGEST], timezone.now()
    case.save(update_fields=["answer", "answered_at"])
    _log(case, "answered", by, {})
    return case


@transaction.atomic
def suspend(*, case: EnforcementCase, by: User, decision: str) -> EnforcementCase:
    """Suspends the account or the member, after the notice, the time to answer, and with evidence.

    Raises Refused: `wrong_state` without a notice, `too_early`, `no_evidence`, `missing` without a reason.
    """
    case = _lock(case)
    _check(case, State.NOTICED)
    if not case.had_time:
        raise Refused("too_early", _("Wait for the answer, or until the time to answer is over."), status=409)
    if not case.evidence.exists():
        raise Refused("no_evidence", _("Add the evidence first. Nobody is accused without it."))
    if not decision.strip():
        raise Refused("missing", _("Write the reason. The person reads it."))
    case.state, case.decision = State.SUSPENDED, decision.strip()[:LONGEST]
    case.suspended_by, case.suspended_at = by, timezone.now()
    case.save(update_fields=["state", "decision", "suspended_by", "suspended_at"])
    _set(case, True, by)
    _log(case, "suspended", by, {})
    _tell(case, "suspended")
    return case


@transaction.atomic
def drop(*, case: EnforcementCase, by: User) -> EnforcementCase:
    """Closes a case without a suspension; who got a notice is told. Raises Refused("wrong_state")."""
    case = _lock(case)
    _check(case, State.DRAFT, State.NOTICED)
    was_told = case.noticed_at is not None
    case.state, case.closed_at = State.DROPPED, timezone.now()
    case.save(update_fields=["state", "closed_at"])
    _log(case, "dropped", by, {})
    if was_told:
        _tell(case, "dropped")
    return case


@transaction.atomic
def lift(*, case: EnforcementCase, by: User) -> EnforcementCase:
    """Ends a suspension; the person is told. Raises Refused("wrong_state")."""
    case = _lock(case)
    _check(case, State.SUSPENDED)
    _end_suspension(case, by)
    _tell(case, "lifted")
    return case


@transaction.atomic
def appeal(*, case: EnforcementCase, by: User, text: str) -> EnforcementCase:
    """The person objects to a suspension, once; the privacy officers are told. Raises Refused: `missing`,
    `wrong_state`, `appealed`.
    """
    case = _lock(case)
    _check(case, State.SUSPENDED)
    if case.appealed_at is not None:
        raise Refused("appealed", _("You have appealed already."), status=409)
    if not text.strip():
        raise Refused("missing", _("Write why the suspension is wrong."))
    case.appeal, case.appealed_at = text.strip()[:LONGEST], timezone.now()
    case.save(update_fields=["appeal", "appealed_at"])
    _log(case, "appealed", by, {})
    for pk in privacy_officers().values_list("pk", flat=True):
        _mail(case, "appealed", pk)
    return case


@transaction.atomic
def decide_appeal(*, case: EnforcementCase, by: User, is_granted: bool, answer: str) -> EnforcementCase:
    """Somebody else decides the appeal, with a reason; granted, the suspension ends.

    Raises Refused: `same_person` for who opened the case or decided the suspension, `missing`, `wrong_state`.
    """
    case = _lock(case)
    _check(case, State.SUSPENDED)
    if case.appealed_at is None or case.appeal_decided_at is not None:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
    if by.pk in (case.opened_by_id, case.suspended_by_id):
        raise Refused("same_person", _("Somebody else decides this: you worked on the case."), status=403)
    if not answer.strip():
        raise Refused("missing", _("Write the reason. The person reads it."))
    case.appeal_decided_by, case.appeal_decided_at = by, timezone.now()
    case.appeal_answer = answer.strip()[:LONGEST]
    case.save(update_fields=["appeal_decided_by", "appeal_decided_at", "appeal_answer"])
    _log(case, "appeal_decided", by, {"granted": is_granted})
    if is_granted:
        _end_suspension(case, by)
    _tell(case, "appeal_granted" if is_granted else "appeal_rejected")
    return case


# ---- inside --------------------------------------------------------------------------------------------------
def _lock(case: EnforcementCase) -> EnforcementCase:
    found = EnforcementCase.objects.select_for_update(of=("self",)).select_related("account", "user")
    return found.get(pk=case.pk)


def _check(case: EnforcementCase, *states: str) -> None:
    if case.state not in states:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)


def _end_suspension(case: EnforcementCase, by: User) -> None:
    case.state, case.closed_at = State.LIFTED, timezone.now()
    case.save(update_fields=["state", "closed_at"])
    if not queries.is_suspended_by_another(case):
        _set(case, False, by)
    _log(case, "lifted", by, {})


def _set(case: EnforcementCase, is_suspended: bool, by: User) -> None:
    if case.account is not None:
        set_account_suspended(account=case.account, is_suspended=is_suspended, by_user_id=by.pk)
    elif case.user is not None:
        set_member_suspended(user=case.user, is_suspended=is_suspended, by_user_id=by.pk)


def _tell(case: EnforcementCase, step: str) -> None:
    for pk in queries.list_people_to_tell(case):
        _mail(case, step, pk)


def _mail(case: EnforcementCase, step: str, pk: int) -> None:
    enqueue(
        kind="enforcement.step", key=f"enforcement:{case.pk}:{step}", recipient=f"user:{pk}",
        payload={"case": case.pk, "step": step}, account_ref=case.account_id,
    )  # fmt: skip


def _log(case: EnforcementCase, what: str, by: User, facts: dict[str, Any]) -> None:
    record(
        account_ref=case.account_id, actor=f"user:{by.pk}", action=f"enforcement.{what}",
        subject=f"enforcement:{case.pk}", facts=facts,
    )  # fmt: skip
