"""Writes of the audit log and the disclosure ledger: append, and forget a person's key."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.chain import chain_key, is_person, link_hash, plain
from audit.models import Chain, Entry, RecipientChange, RecipientRecord, SubjectKey
from core.bulk import update_rows
from core.errors import Refused
from core.outbound import Disclosed, registry
from core.personal_data import Purpose

REVIEW_DAYS = 365  # after that long at most somebody of ours looks at a recipient again
SEEN_AGAIN = timedelta(hours=1)  # one line for all looks of one colleague at one person in that time


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


def record_view(*, staff_user_id: int, subject: str, account_ref: int | None, why: str) -> bool:
    """Writes that a member of our staff saw personal data of one person (P3); False when that stands there already.

    `subject` is the person's word ("user:12"), `why` the page or case that needed it ("support.desk"), without names.
    Looks of one colleague at one person within an hour are one line. Only the write is a transaction: most looks are
    known already and cost two reads.
    """
    reader = f"user:{staff_user_id}"
    names = dict(SubjectKey.objects.filter(subject__in=[subject, reader]).values_list("subject", "pseudonym"))
    seen = Entry.objects.filter(
        chain__key=chain_key(account_ref),
        subject=names.get(subject, subject),
        action="disclosed.view",
        at__gte=timezone.now() - SEEN_AGAIN,
        facts__recipient=names.get(reader, reader),
        facts__reference=why,
    )
    if subject == reader or seen.exists():
        return False
    line = Disclosed(reader, ("identity", "contact"), subject, Purpose.SUPPORT, "view", account_ref, why)
    write_disclosures([line])
    return True


def record_export(*, by: str, subject: str, account_ref: int | None, why: str, purpose: Purpose) -> None:
    """Writes that somebody took personal data out in a file (P3); each file is a line of its own.

    `by` is the word of who has it now ("user:12"; a person's own copy: their own word), `subject` whose data it is: a
    person's word, or "account:5" for a file about many people of that account. `why` names the file ("chats.csv").
    """
    kinds = ("identity", "contact", "content")
    write_disclosures([Disclosed(by, kinds, subject, purpose, "export", account_ref, why)])


# ---- Recipients -----------------------------------------------------------------------------------------
@transaction.atomic
def add_missing_recipients(*, today: date | None = None) -> list[str]:
    """Makes a record for each recipient that the code declares and nobody recorded yet; the review is in a year.

    Returns their keys. Records of recipients that the code no longer declares go, and the history says so (S57).
    """
    now = timezone.now()
    today = today or now.date()
    known = set(RecipientRecord.objects.values_list("key", flat=True))
    added, gone = sorted(registry.recipients.keys() - known), sorted(known - registry.recipients.keys())
    review_on = today + timedelta(days=REVIEW_DAYS)
    RecipientRecord.objects.bulk_create(
        [RecipientRecord(key=key, review_on=review_on, since=today) for key in added], ignore_conflicts=True
    )
    RecipientRecord.objects.filter(key__in=gone).delete()
    kinds = [(key, RecipientChange.Kind.ADDED) for key in added] + [(key, RecipientChange.Kind.REMOVED) for key in gone]
    RecipientChange.objects.bulk_create([RecipientChange(key=key, kind=kind, at=now) for key, kind in kinds])
    return added


@transaction.atomic
def review_recipient(*, record_pk: int, changes: dict[str, Any], by: int) -> RecipientRecord:
    """Changes `agreement`, `agreed_on`, `review_on` or `note` of a recipient's record (S58).

    Raises Refused (`agreement`) when the review moves on without an agreement, (`too_late`) when it lies more than a
    year ahead.
    """
    found = RecipientRecord.objects.select_for_update().get(pk=record_pk)
    old_review, old_agreement = found.review_on, (found.agreement, found.agreed_on)
    fields = [name for name in ("agreement", "agreed_on", "review_on", "note") if name in changes]
    for name in fields:
        setattr(found, name, changes[name])
    if found.review_on > old_review and not (found.agreement and found.agreed_on):
        raise Refused("agreement", _("Name the agreement and its date before you move the review on."))
    if found.review_on > timezone.now().date() + timedelta(days=REVIEW_DAYS + 1):
        raise Refused("too_late", _("The next review lies at most a year ahead."))
    found.save(update_fields=fields)
    kinds = []
    if (found.agreement, found.agreed_on) != old_agreement:
        kinds.append(RecipientChange.Kind.CHANGED)
    if found.review_on != old_review:
        kinds.append(RecipientChange.Kind.REVIEWED)
    now = timezone.now()
    RecipientChange.objects.bulk_create([RecipientChange(key=found.key, kind=kind, at=now) for kind in kinds])
    facts = {"fields": fields, "review_on": found.review_on}
    record(
        account_ref=None, actor=f"user:{by}", action="recipient.reviewed", subject=f"recipient:{found.pk}", facts=facts
    )
    return found


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
