"""Writes of cases: open, prove, answer, refuse, extend, pause, withdraw; each leaves an event (P7, S100-S103)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from audit.actions import record
from core.errors import Refused
from core.personal_data import SubjectRef
from core.secret_links import hash_secret
from outbox.actions import enqueue
from privacy.case_links import make_secret
from privacy.case_states import check_clock, check_extension, check_move, due_from
from privacy.certificates import read_certificate
from privacy.models import COPY_LIFE, Download
from privacy.models.cases import LONGEST_ANSWER, LONGEST_TEXT, Case, CaseEvent, CaseSeries
from privacy.personal_data.cases import cases_of

if TYPE_CHECKING:
    from privacy.persons import Person

State, Kind, Channel, Reason = Case.State, Case.Kind, Case.Channel, Case.Reason
BY_ROWS = ("chat", "operator")  # ways to know who asks that prove no address
LAPSES_AFTER = timedelta(days=30)  # a case that nobody confirmed


@transaction.atomic
def open_case(
    *,
    kind: str,
    channel: str,
    person: "Person | None",
    user: Any = None,
    email: str = "",
    text: str = "",
    account: Any = None,
    by: Any = None,
    language: str = "",
    how: str = "",
) -> Case:
    """Opens a case and starts its clock; one of the same kind that is open already is answered instead (P7).

    `user`: somebody who is logged in and asks on the page, which proves who it is. Otherwise `email` gets a link that
    proves the address. `account` answers cases of its visitors; `by` is the member of our staff, or the operator, who
    opens it for somebody. `how` says that the door has proved who asks: "code" by a mailed code, "chat" by the key of
    a visitor's chat, whose address is one that they typed. Raises Refused for an unknown kind, and where nobody could
    be answered.
    """
    if kind not in Kind.values or channel not in Channel.values:
        raise Refused("unknown", _("Choose what you want to ask."))
    email = (email or (user.email if user else "") or (person.email if person else "")).strip().lower()
    if user is not None and channel == Channel.PAGE:
        how = "login"
    elif channel == Channel.OPERATOR and by is not None:
        how = "operator"
    if not email and not how:
        raise Refused("address", _("We need an address to answer to."))
    CaseSeries.objects.get_or_create(pk=1)
    series = CaseSeries.objects.select_for_update().get(pk=1)  # two of the same kind come one by one
    refs = _words(person, user)
    same = _find_same(kind, account, user, email, refs, how)
    if same is not None:
        return _ask_again(same, text, by)
    series.last += 1
    series.save(update_fields=["last"])
    case = Case(
        number=series.last,
        kind=kind,
        channel=channel,
        user=user,
        account=account,
        email=email,
        language=language or getattr(user, "language", "") or "en",
        refs=refs,
        text=text.strip()[:LONGEST_TEXT],
    )
    case.due_at = due_from(case.received_at, kind)
    case.secret_hash = hash_secret(make_secret(case))
    case.save()
    note_step(case, "received", by=_word(by or user), facts={"channel": channel})
    record(
        account_ref=account.pk if account else None,
        actor=_word(by or user),
        action="case.opened",
        subject=f"case:{case.pk}",
        facts={"kind": kind, "channel": channel},
    )
    return verify_case(case=case, how=how) if how else _ask_identity(case)


def _find_same(kind: str, account: Any, user: Any, email: str, refs: list[list[Any]], how: str) -> Case | None:
    """A live case of the same kind and person. What is not proved never finds what is: anybody can type an address.

    One that was proved by a chat is found by the key of the same chat only.
    """
    found = Case.objects.select_for_update().filter(kind=kind, account=account, closed_at=None)
    if how == "login":
        return found.filter(user=user).order_by("received_at").first()
    if how in BY_ROWS:
        own = found.filter(user=None, refs=refs, pk__in=_proved_by([how]))
        return own.order_by("received_at").first() if refs else None
    if how:
        return None
    return found.filter(email=email, state=State.IDENTITY_PENDING).order_by("received_at").first()


def _ask_again(case: Case, text: str, by: Any) -> Case:
    text = text.strip()
    if text and text not in case.text:
        case.text = f"{case.text}\n\n{text}".strip()[:LONGEST_TEXT]
        case.save(update_fields=["text"])
    note_step(case, "asked_again", by=_word(by))
    if case.state == State.IDENTITY_PENDING:
        send_confirmation(case=case)
    return case


def _ask_identity(case: Case) -> Case:
    _move(case, State.IDENTITY_PENDING)
    note_step(case, "identity_asked")
    send_confirmation(case=case)
    return case


@transaction.atomic
def send_confirmation(*, case: Case) -> bool:
    """Sends the link that proves the address, at most once in ten minutes; False when it is on its way already."""
    if case.state != State.IDENTITY_PENDING:
        return False
    window = int(timezone.now().timestamp()) // 600
    return send_letter("privacy.case_confirm", case, f"{window}")


@transaction.atomic
def verify_case(*, case: Case, refs: "Person | None" = None, how: str = "link") -> Case:
    """Says that it is known who asks: the case is open, or joins an earlier one of the same kind and person.

    `refs` is the person whom the proved address leads to, `how` a word of screens.HOW. Raises Refused("wrong_state")
    when that was said before.
    """
    case = _lock(case)
    check_move(case, State.OPEN)
    case.verified_at = timezone.now()
    if refs is not None:
        case.refs = sorted({*map(tuple, case.refs), *map(tuple, _words(refs, None))})
        case.user_id = case.user_id or next((pk for word, pk in case.refs if word == "user"), None)
    case.save(update_fields=["verified_at", "refs", "user"])
    _move(case, State.OPEN)
    note_step(case, "verified", by=_word(case.user), facts={"how": how})
    first = None if how in BY_ROWS else _find_other(case)
    if first is not None:
        return _merge(case, into=first)
    send_letter("privacy.case_received", case, "received")
    tell_answerers(case, "new")
    return case


def _find_other(case: Case) -> Case | None:
    """Another open case of the same kind and person."""
    same = Case.objects.select_for_update().filter(kind=case.kind, account=case.account_id, state=State.OPEN)
    same = same.filter(user=case.user_id) if case.user_id else same.filter(user=None, email=case.email)
    if not case.user_id and not case.email:
        return None
    if not case.user_id:
        same = same.filter(pk__in=_proved_by(["link", "code"]))  # whoever chats can type any address
    return same.exclude(pk=case.pk).order_by("received_at", "pk").first()


def _proved_by(ways: list[str]) -> Any:
    return CaseEvent.objects.filter(what="verified", facts__how__in=ways).values("case")


def _merge(case: Case, *, into: Case) -> Case:
    """The later case ends in the earlier proved one, which keeps the earlier of the two dates."""
    into.text = "\n\n".join(part for part in (into.text, case.text if case.text not in into.text else "") if part)
    into.text = into.text[:LONGEST_TEXT]
    into.received_at = min(into.received_at, case.received_at)
    into.due_at = min(into.due_at, case.due_at)
    into.save(update_fields=["text", "received_at", "due_at"])
    case.merged_into = into
    case.save(update_fields=["merged_into"])
    _move(case, State.WITHDRAWN)
    note_step(case, "merged", facts={"into": into.label})
    note_step(into, "joined", facts={"from": case.label})
    return into


@transaction.atomic
def answer_case(
    *, case: Case, by: Any, answer: str, in_part: bool = False, reason_code: str = "", review_on: date | None = None
) -> Case:
    """Answers a case and sends the answer to the proved address. `by` None: the site itself did what was asked.

    `in_part` needs a reason from the list and the day when it is looked at again (S102). Raises Refused where the
    person is not proved, a part of the answer is missing, or the copy that was asked for (`no_copy`).
    """
    case = _lock(case)
    check_move(case, State.ANSWERED)
    if case.verified_at is None:
        raise Refused("unverified", _("First it must be known who asks."), status=409)
    if in_part:
        _check_reason(reason_code, review_on)
    elif by is not None:
        _check_copy(case)
    return _end(case, State.ANSWERED, by, answer, reason_code if in_part else "", review_on if in_part else None)


@transaction.atomic
def refuse_case(*, case: Case, by: Any, reason_code: str, answer: str, review_on: date | None) -> Case:
    """Refuses a case with a reason from the list, a text, and the day when it is looked at again (S102).

    The letter names the way to complain. Who is not proved can only be refused because of that. Raises Refused.
    """
    case = _lock(case)
    check_move(case, State.REFUSED)
    _check_reason(reason_code, review_on)
    if case.verified_at is None and reason_code != Reason.IDENTITY:
        raise Refused("unverified", _("First it must be known who asks."), status=409)
    return _end(case, State.REFUSED, by, answer, reason_code, review_on)


def _check_copy(case: Case) -> None:
    """Who asks for a copy gets one; an answer without it says why, and is one in part."""
    made = Download.objects.filter(case_ref=case.pk, state=Download.State.READY, expires_at__gt=timezone.now())
    if case.kind in (Kind.ACCESS, Kind.PORTABILITY) and not made.exists():
        said = _("The copy that was asked for is not made. Make it first, or choose the reason why there is none.")
        raise Refused("no_copy", said)


def _check_reason(reason_code: str, review_on: date | None) -> None:
    if reason_code not in Reason.values:
        raise Refused("reason", _("Choose the reason."))
    if review_on is None or review_on <= timezone.now().date():
        raise Refused("review", _("Say on which day you look at it again. It must be later than today."))


def _end(case: Case, to: str, by: Any, answer: str, reason_code: str, review_on: date | None) -> Case:
    text = answer.strip()
    if not text:
        raise Refused("answer", _("Write the answer."))
    case.answer, case.reason_code, case.review_on = text[:LONGEST_ANSWER], reason_code, review_on
    case.in_part = to == State.ANSWERED and bool(reason_code)
    case.handled_by, case.paused_at = by, None
    case.save(update_fields=["answer", "reason_code", "review_on", "in_part", "handled_by", "paused_at"])
    _move(case, to)
    facts = {"in_part": case.in_part, "reason": reason_code} if reason_code else {}
    note_step(case, to, by=_word(by), facts=facts)
    _record(case, f"case.{to}", by, {"days": case.days_taken, **facts})
    kept = Download.objects.filter(case_ref=case.pk, state=Download.State.READY, expires_at__gt=timezone.now())
    kept.update(expires_at=timezone.now() + COPY_LIFE)  # the link in the letter holds a day, too
    send_letter("privacy.case_answered", case, to)
    return case


@transaction.atomic
def extend_case(*, case: Case, by: Any, days: int, reason: str) -> Case:
    """Gives a case up to 60 days more, once and in time; the person is told why. Raises Refused."""
    case = _lock(case)
    _check_open(case)
    check_extension(case, days)
    if not reason.strip():
        raise Refused("reason", _("Write why. The person reads it."))
    case.extended_at, case.due_at = timezone.now(), case.due_at + timedelta(days=days)
    case.extension_reason = reason.strip()[:LONGEST_TEXT]
    case.save(update_fields=["extended_at", "extension_reason", "due_at"])
    note_step(case, "extended", by=_word(by), facts={"days": days})
    _record(case, "case.extended", by, {"days": days})
    send_letter("privacy.case_changed", case, "extended", what="extended")
    return case


@transaction.atomic
def pause_case(*, case: Case, by: Any, reason: str) -> Case:
    """Stops the clock while the person must do something; they are told what. Raises Refused."""
    case = _lock(case)
    _check_open(case)
    check_clock(case)
    if case.paused_at is not None or not reason.strip():
        raise Refused("reason", _("Write what you wait for. The person reads it."))
    case.paused_at, case.pause_reason = timezone.now(), reason.strip()[:LONGEST_TEXT]
    case.save(update_fields=["paused_at", "pause_reason"])
    note_step(case, "paused", by=_word(by))
    _record(case, "case.paused", by, {})
    send_letter("privacy.case_changed", case, f"paused:{case.paused_at.isoformat()}", what="paused")
    return case


@transaction.atomic
def resume_case(*, case: Case, by: Any) -> Case:
    """Lets the clock run again; the due time moves by the length of the pause. Raises Refused."""
    case = _lock(case)
    _check_open(case)
    if case.paused_at is None:
        raise Refused("wrong_state", _("The clock runs already."), status=409)
    case.due_at += timezone.now() - case.paused_at
    case.paused_at = None
    case.save(update_fields=["paused_at", "due_at"])
    note_step(case, "resumed", by=_word(by))
    _record(case, "case.resumed", by, {})
    return case


@transaction.atomic
def withdraw_case(*, case: Case) -> Case:
    """The person takes it back. Raises Refused when it has an end already."""
    case = _lock(case)
    _move(case, State.WITHDRAWN)
    note_step(case, "withdrawn", by=_word(case.user))
    _record(case, "case.withdrawn", case.user, {})
    return case


@transaction.atomic
# ---- what the site did for a case ----------------------------------------------------------------------------
@transaction.atomic
def take_case(*, case: Case) -> Case:
    """The case as it is now, locked until the end of the transaction; it is open, so it is known who asks.

    Raises Refused("wrong_state").
    """
    case = _lock(case)
    _check_open(case)
    return case


@transaction.atomic
def note_copied(*, case_pk: int) -> bool:
    """The copy of a case is ready. A case that asked for nothing else is answered with it; answers whether it was."""
    case = Case.objects.filter(pk=case_pk, state=State.OPEN).first()
    if case is None:
        return False
    case = _lock(case)
    note_step(case, "copied")
    if case.text.strip() or not case.email:  # somebody has to read what was written
        return False
    with override(case.language or "en"):
        answer = _("Here is the copy of everything that we hold about you.")
        _end(case, State.ANSWERED, case.handled_by, str(answer), "", None)
    return True


@transaction.atomic
def note_erased(*, case_pk: int | None, refs: Iterable[SubjectRef], certificate: str, public_id: Any) -> list[int]:
    """An erasure is done: its case, and each other open one in which these people asked for it, is answered.

    `certificate` is the signed text, `public_id` that of the plan. Returns the keys of the cases.
    """
    wanted = {case_pk} if case_pk is not None else set()
    for ref in refs:
        own = cases_of(ref).filter(kind=Kind.ERASURE, account=None, state=State.OPEN)
        wanted.update(own.values_list("pk", flat=True))
    found = list(Case.objects.filter(pk__in=wanted, state=State.OPEN).order_by("pk"))
    body = read_certificate(certificate) or {}
    for case in map(_lock, found):
        note_step(case, "erased", facts={"certificate": str(public_id)})
        with override(case.language or "en"):
            _end(case, State.ANSWERED, case.handled_by, _say_erased(body), "", None)
    return [case.pk for case in found]


def _say_erased(body: dict[str, Any]) -> str:
    """The letter: what was done, and what stays with the reason; the mail adds where the certificate is."""
    lines = [str(_("Your data is deleted, and we looked for it everywhere afterwards."))]
    kept = body.get("kept", [])
    stays = [f"- {line['is']} ({line['rows']}): {line['why']} {line['until']}".rstrip() for line in kept]
    stays += [f"- {line}" for line in body.get("not_asked_for", [])]
    return "\n".join([*lines, "", str(_("This stays, and why:")), *stays] if stays else lines)


# ---- the clock ----------------------------------------------------------------------------------------------
REMIND_AT = (1, 3, 7)  # days before


def watch_clock() -> int:
    """Reminds those who answer at 7, 3 and 1 days, tells them when the time is over, and ends what nobody confirmed.

    Harmless when repeated. Returns how many cases were touched.
    """
    now, touched = timezone.now(), 0
    soon = Case.objects.filter(state__in=[State.RECEIVED, State.OPEN], paused_at=None)
    for pk in list(soon.filter(due_at__lte=now + timedelta(days=max(REMIND_AT))).values_list("pk", flat=True)):
        touched += _remind(pk)
    for case in list(Case.objects.filter(state=State.IDENTITY_PENDING, received_at__lt=now - LAPSES_AFTER)):
        touched += _lapse(case)
    return touched


@transaction.atomic
def _remind(pk: int) -> int:
    case = Case.objects.select_for_update().filter(pk=pk, closed_at=None).first()
    if case is None:
        return 0
    step = "late" if case.is_overdue else str(min(days for days in REMIND_AT if case.days_left <= days))
    word = f"{case.due_at:%Y-%m-%d}/{step}"
    if case.told_for == word:
        return 0
    case.told_for = word
    case.save(update_fields=["told_for"])
    note_step(case, "overdue" if step == "late" else "reminded", facts={} if step == "late" else {"days": int(step)})
    tell_answerers(case, word)
    return 1


@transaction.atomic
def _lapse(case: Case) -> int:
    case = _lock(case)
    if case.state != State.IDENTITY_PENDING:
        return 0
    _move(case, State.WITHDRAWN)
    note_step(case, "lapsed")
    return 1


# ---- inside -------------------------------------------------------------------------------------------------
def _lock(case: Case) -> Case:
    return Case.objects.select_for_update(of=("self",)).select_related("user", "account").get(pk=case.pk)


def _move(case: Case, to: str) -> None:
    """The one place that changes a state: what the table does not allow is refused, and a race has one winner."""
    check_move(case, to)
    closed_at = timezone.now() if to in Case.ENDED else None
    if not Case.objects.filter(pk=case.pk, state=case.state).update(state=to, closed_at=closed_at):
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
    case.state, case.closed_at = to, closed_at


def _check_open(case: Case) -> None:
    if case.state != State.OPEN:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)


def note_step(case: Case, what: str, *, by: str = "system", facts: dict[str, Any] | None = None) -> CaseEvent:
    """Puts one step on the timeline of a case, in the caller's transaction."""
    return CaseEvent.objects.create(case=case, what=what, by=by, facts=facts or {})


def _record(case: Case, action: str, by: Any, facts: dict[str, Any]) -> None:
    record(account_ref=case.account_id, actor=_word(by), action=action, subject=f"case:{case.pk}", facts=facts)


def send_letter(kind: str, case: Case, key: str, **payload: Any) -> bool:
    """Queues one letter to who asks, once for a key; False where no address is known."""
    if not case.email:
        return False
    return enqueue(
        kind=kind,
        key=f"case:{case.pk}:{key}",
        recipient=f"case:{case.pk}",
        payload={"case": case.pk, **payload},
        account_ref=case.account_id,
    )


def tell_answerers(case: Case, step: str) -> None:
    """Mails who answers this case: our officers, or the owners of the account whose visitor asks."""
    from privacy.queries.cases import list_answerers

    for pk in list_answerers(case):
        enqueue(
            kind="privacy.case_due", key=f"case:{case.pk}:{step}", recipient=f"user:{pk}",
            payload={"case": case.pk, "step": step.rpartition("/")[2]}, account_ref=case.account_id,
        )  # fmt: skip


def _words(person: "Person | None", user: Any) -> list[list[Any]]:
    """The rows that stand for the person, as JSON holds them: [["user", 12]]."""
    found = {(ref.subject.value, ref.pk) for ref in (person.refs if person else ())}
    if user is not None:
        found.add(("user", user.pk))
    return [list(pair) for pair in sorted(found)]


def _word(who: Any) -> str:
    return f"user:{who.pk}" if who is not None else "system"
