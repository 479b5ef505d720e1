"""Reads of the log: verification of the chains, and what one person's entries are."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from audit.chain import link_hash
from audit.models import Chain, Entry, SubjectKey


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
