"""Writes of the audit log and the disclosure ledger: append, and forget a person's key."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.chain import chain_key, is_person, link_hash, plain
from audit.models import Chain, Entry, SubjectKey
from core.bulk import update_rows
from core.outbound import Disclosed


@dataclass(frozen=True)
class Link:
    """One entry before it has its place in a chain."""

    chain: str
    kind: str
    actor: str
    subject: str
    action: str
    facts: dict[str, Any]


@transaction.atomic
def record(
    *, account_ref: int | None, actor: str, action: str, subject: str = "", facts: dict[str, Any] | None = None
) -> None:
    """Appends one act to the account's chain (None: the site's), inside the caller's transaction.

    `actor` and `subject` are words such as "user:12", "chat:7" or "system"; people's words are replaced by their
    pseudonym. `facts` is JSON without personal data. `action` is "<noun>.<past verb>": "chat.deleted".
    """
    _append([Link(chain_key(account_ref), Entry.Kind.ACT, actor, subject, action, facts or {})])


@transaction.atomic
def write_disclosures(entries: Sequence[Disclosed]) -> None:
    """The ledger writer (P3): one entry per act of giving data away, with a constant number of statements."""
    _append(
        [
            Link(
                chain=chain_key(entry.account_ref),
                kind=Entry.Kind.DISCLOSURE,
                actor="system",
                subject=entry.subject,
                action=f"disclosed.{entry.channel}"[:64],
                facts={
                    "recipient": entry.recipient,
                    "categories": list(entry.categories),
                    "purpose": entry.purpose.value,
                    "reference": entry.reference,
                },
            )
            for entry in entries
        ]
    )


@transaction.atomic
def forget_subjects(*, subjects: Iterable[str]) -> int:
    """Destroys the keys behind these people's pseudonyms: their entries stay and mean nobody. Returns how many."""
    return SubjectKey.objects.filter(subject__in=list(subjects)).delete()[0]


def _append(links: Sequence[Link]) -> None:
    """Adds the links in their order: locks the heads in one query, inserts in bulk, moves the heads in bulk."""
    if not links:
        return
    names = _pseudonyms({word for link in links for word in (link.actor, link.subject, _recipient(link))})
    chains = _locked_chains({link.chain for link in links})
    now = timezone.now()
    rows = []
    for link in links:
        chain = chains[link.chain]
        facts = plain(link.facts)
        if _recipient(link) in names:
            facts["recipient"] = names[_recipient(link)]
        parts: dict[str, Any] = {
            "index": chain.length + 1,
            "kind": str(link.kind),
            "at": now,
            "actor": names.get(link.actor, link.actor),
            "subject": names.get(link.subject, link.subject),
            "action": link.action,
            "facts": facts,
            "previous": chain.head,
        }
        row = Entry(chain=chain, hash=link_hash(chain=chain.key, **parts), **parts)
        chain.length, chain.head = row.index, row.hash
        rows.append(row)
    Entry.objects.bulk_create(rows)
    heads = [(chain.length, chain.head, chain.pk) for chain in chains.values()]
    update_rows("audit_chain", ("id", "bigint"), [("length", "bigint"), ("head", "varchar")], heads)


def _recipient(link: Link) -> str:
    return str(link.facts.get("recipient", ""))


def _locked_chains(keys: set[str]) -> dict[str, Chain]:
    """The chains by key, made where missing, locked in the order of their keys so that writers never deadlock."""
    wanted = Chain.objects.select_for_update().filter(key__in=keys).order_by("key")
    found = {chain.key: chain for chain in wanted}
    missing = sorted(keys - found.keys())
    if missing:
        Chain.objects.bulk_create([Chain(key=key) for key in missing], ignore_conflicts=True)
        found = {chain.key: chain for chain in wanted.all()}
    return found


def _pseudonyms(words: set[str]) -> dict[str, str]:
    """Pseudonym per person's word; a new person gets a random one, kept in SubjectKey until erasure."""
    people = {word for word in words if is_person(word)}
    if not people:
        return {}
    known = SubjectKey.objects.filter(subject__in=people)
    names = dict(known.values_list("subject", "pseudonym"))
    missing = sorted(people - names.keys())
    if missing:
        SubjectKey.objects.bulk_create(
            [
                SubjectKey(subject=word, pseudonym=f"{word.partition(':')[0]}~{secrets.token_hex(8)}")
                for word in missing
            ],
            ignore_conflicts=True,
        )
        names = dict(known.all().values_list("subject", "pseudonym"))
    return names
