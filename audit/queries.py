"""Reads of the log: verification of the chains, one person's entries and disclosures, and who may receive data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.chain import SITE, is_person, is_pseudonym, link_hash
from audit.models import Chain, Entry, RecipientChange, RecipientRecord, SubjectKey
from core.outbound import registry


@dataclass(frozen=True)
class Fault:
    """One place where a chain is not what was written."""

    chain: str
    index: int
    what: str


def verify_chain(chain: Chain, newest: int | None = None) -> Iterator[Fault]:
    """Walks one chain (its `newest` links only) and names every link that was changed, removed, added or swapped."""
    previous, expected = _start_of(chain, newest)
    for entry in chain.entries.filter(index__gte=expected).order_by("index").iterator(chunk_size=2000):
        if entry.index != expected:
            yield Fault(chain.key, expected, f"links {expected} to {entry.index - 1} are missing")
        if entry.previous != previous:
            yield Fault(chain.key, entry.index, "does not follow the link before it")
        made = link_hash(
            chain=chain.key,
            index=entry.index,
            kind=entry.kind,
            at=entry.at,
            actor=entry.actor,
            subject=entry.subject,
            action=entry.action,
            facts=entry.facts,
            previous=entry.previous,
        )
        if made != entry.hash:
            yield Fault(chain.key, entry.index, "was changed after it was written")
        previous, expected = entry.hash, entry.index + 1
    if expected - 1 != chain.length or previous != chain.head:
        yield Fault(chain.key, chain.length, "the end of the chain is not the head that was kept")


def _start_of(chain: Chain, newest: int | None) -> tuple[str, int]:
    """The hash before the first link to look at, and that link's index."""
    if newest is None or chain.length <= newest:
        return "", 1
    before = chain.entries.filter(index=chain.length - newest).values_list("hash", flat=True).first()
    return before or "", chain.length - newest + 1


def verify_all(newest: int | None = None) -> Iterator[Fault]:
    """Every fault of every chain, or of the newest links of each (P3)."""
    for chain in Chain.objects.order_by("key"):
        yield from verify_chain(chain, newest)


def count_entries() -> tuple[int, int]:
    """Number of chains and of entries."""
    return Chain.objects.count(), Entry.objects.count()


def list_entries_about(subject: str) -> QuerySet[Entry]:
    """The entries about one person ("user:12"), newest first; none after the person's key was destroyed."""
    names = SubjectKey.objects.filter(subject=subject).values("pseudonym")
    return Entry.objects.filter(subject__in=names).select_related("chain").order_by("-at", "-index")


def list_entries_by(actor: str) -> QuerySet[Entry]:
    """The acts of one person, newest first."""
    names = SubjectKey.objects.filter(subject=actor).values("pseudonym")
    return Entry.objects.filter(actor__in=names).select_related("chain").order_by("-at", "-index")


# ---- What was disclosed about one person (P3) -----------------------------------------------------------
@dataclass(frozen=True)
class Disclosure:
    """One act of giving a person's data away, in words; `by_staff`: somebody of ours, or of the account, has it."""

    at: datetime
    recipient: str
    recipient_name: Any
    channel: str
    purpose: str
    categories: list[str]
    reference: str
    by_staff: bool


def list_disclosures_about(words: Sequence[str], limit: int = 200) -> list[Disclosure]:
    """Who received data of the person behind these words ("user:12", "visitor:7"), newest first (P3)."""
    names = _names_of(words)
    rows = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE, subject__in=names).select_related("chain")
    return [_disclosure(row, names) for row in rows.order_by("-at", "-pk")[:limit]]


def _names_of(words: Sequence[str]) -> list[str]:
    """Under which names the lines of these words stand: pseudonyms of people, and words such as "request:12"."""
    names = list(SubjectKey.objects.filter(subject__in=words).values_list("pseudonym", flat=True))
    return names + [word for word in words if not is_person(word)]


def _disclosure(row: Entry, own: Sequence[str]) -> Disclosure:
    key = str(row.facts.get("recipient", ""))
    return Disclosure(
        at=row.at,
        recipient=key,
        recipient_name=_name_recipient(key, row.action, row.chain.key, own),
        channel=row.action.removeprefix("disclosed."),
        purpose=str(row.facts.get("purpose", "")),
        categories=[str(one) for one in row.facts.get("categories", [])],
        reference=str(row.facts.get("reference", "")),
        by_staff=is_pseudonym(key) and key not in own,
    )


def _name_recipient(key: str, action: str, chain: str, own: Sequence[str]) -> Any:
    """A recipient in words, for the person who is known as `own`; nobody of ours or of an account is named."""
    if key in own:
        return _("you")
    if declared := registry.recipients.get(key):
        return declared.name
    if is_pseudonym(key):
        in_account = action == "disclosed.export" and chain != SITE
        return _("somebody of the account") if in_account else _("a member of our staff")
    return _("an authority or court, as the law demands") if action == "disclosed.legal" else key


@dataclass(frozen=True)
class Received:
    """What one recipient got by one way for one purpose: how often, first and last."""

    recipient: Any
    receives: Any
    channel: str
    purpose: str
    times: int
    first: datetime
    last: datetime


def count_disclosures_about(words: Sequence[str]) -> list[Received]:
    """Who received data of the person behind these words, newest first: one line each, however often (P3)."""
    names = _names_of(words)
    rows = (
        Entry.objects.filter(kind=Entry.Kind.DISCLOSURE, subject__in=names)
        .order_by()
        .values_list("facts__recipient", "action", "chain__key", "facts__purpose")
        .annotate(times=Count("pk"), first=Min("at"), last=Max("at"))
    )
    lines: dict[tuple[str, str, str], Received] = {}
    for key, action, chain, purpose, times, first, last in rows:
        name, channel = _name_recipient(key, action, chain, names), action.removeprefix("disclosed.")
        place = (str(name), channel, purpose)  # colleagues of ours stand in one line
        if known := lines.get(place):
            times, first, last = known.times + times, min(known.first, first), max(known.last, last)
        declared = registry.recipients.get(key)
        lines[place] = Received(name, declared.receives if declared else "", channel, purpose, times, first, last)
    return sorted(lines.values(), key=lambda one: one.last, reverse=True)


def list_references(action: str) -> list[str]:
    """The references of the site's disclosures by this channel ("disclosed.legal"), for a probe."""
    rows = Entry.objects.filter(chain__key=SITE, kind=Entry.Kind.DISCLOSURE, action=action)
    return [str(facts.get("reference", "")) for facts in rows.values_list("facts", flat=True)]


def list_facts(action: str, subject: str) -> list[dict[str, Any]]:
    """The facts of the site's acts of this kind about something that is no person ("L-7"), oldest first."""
    rows = Entry.objects.filter(chain__key=SITE, kind=Entry.Kind.ACT, action=action, subject=subject)
    return list(rows.order_by("index").values_list("facts", flat=True))


def list_disclosed_purposes(most: int) -> list[str]:
    """The purposes of the newest acts of giving data away, for a probe."""
    rows = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE).order_by("-pk")
    return [str(facts.get("purpose", "")) for facts in rows.values_list("facts", flat=True)[:most]]


# ---- Recipients: what is declared in code, and the records of it (S57, S58) ------------------------------
@dataclass(frozen=True)
class Recipient:
    """A declared recipient with its record; `record` is None when nobody made one yet."""

    key: str
    name: Any
    receives: Any
    purposes: list[str]
    record: RecipientRecord | None
    is_overdue: bool


def list_recipients(today: date | None = None) -> list[Recipient]:
    """Every recipient that the code declares, with its record (S57)."""
    today = today or timezone.now().date()
    records = {record.key: record for record in RecipientRecord.objects.all()}
    return [
        Recipient(
            key=one.key,
            name=one.name,
            receives=one.receives,
            purposes=[purpose.value for purpose in one.purposes],
            record=(record := records.get(one.key)),
            is_overdue=record is not None and record.review_on < today,
        )
        for one in registry.recipients.values()
    ]


def find_stop(key: str) -> str:
    """Why nothing may go to this recipient today; "" when it may (S58). The day of the review is still a good day."""
    review_on = RecipientRecord.objects.filter(key=key).values_list("review_on", flat=True).first()
    if review_on is None:
        return "there is no record of this recipient"
    return "its review is overdue" if review_on < timezone.now().date() else ""


def list_recipient_changes(limit: int = 50) -> list[tuple[RecipientChange, Any]]:
    """The history of the list, newest first, each with the recipient's name."""
    changes = RecipientChange.objects.order_by("-at", "-pk")[:limit]
    names = {key: one.name for key, one in registry.recipients.items()}
    return [(change, names.get(change.key, change.key)) for change in changes]
