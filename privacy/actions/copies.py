"""Writes of copies: a person asks for a copy of their data, a worker makes it, and after a day it is deleted."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from audit.actions import record, record_export
from core.personal_data import Purpose, Subject, SubjectRef
from outbox.actions import enqueue
from privacy import copy_files, copying
from privacy.actions.cases import note_copied
from privacy.models import COPY_LIFE, Download, Proof
from privacy.persons import Person
from privacy.queries.holdings import entries_with_rows, owner_of

KIND = "privacy_copy"
READY = "privacy.copy_ready"


@transaction.atomic
def ask_copy(*, person: Person, user: Any = None, case: Any = None) -> Download:
    """Asks for a copy of everything about this person; one that is still being made is answered again.

    `case` is the privacy case that the copy answers. Who has no log-in is told at the address of `person`.
    """
    owner = owner_of(person)
    case_ref = case.pk if case is not None else None
    going = Download.objects.filter(
        owner=owner, case_ref=case_ref, state__in=[Download.State.WAITING, Download.State.MAKING],
        expires_at__gt=timezone.now(),
    ).first()  # fmt: skip
    if going is not None:
        return going
    download = Download.objects.create(
        owner=owner,
        user=user,
        case_ref=case_ref,
        email="" if user is not None else person.email,
        language=case.language if case is not None else get_language() or "en",
        refs=[[ref.subject.value, ref.pk] for ref in person.refs],
        kinds=len(list(entries_with_rows())),
    )
    enqueue(kind=KIND, key=str(download.public_id), recipient=f"copy:{download.pk}")
    word = owner if owner.partition(":")[0] in ("user", "visitor") else ""
    record(account_ref=None, actor=word or "system", action="copy.asked", subject=word)
    return download


def make_copy(*, public_id: str) -> bool:
    """Makes a copy that was asked for; harmless when repeated. False when nobody wants it any more."""
    download = Download.objects.filter(public_id=public_id, expires_at__gt=timezone.now()).first()
    if download is None or download.state == Download.State.READY:
        return False
    row = Download.objects.filter(pk=download.pk)
    row.update(state=Download.State.MAKING, done=0)
    person = Person(tuple(SubjectRef(Subject(kind), pk) for kind, pk in download.refs))
    place = copy_files.path_of(download.public_id)

    def told(done: int) -> None:
        row.update(done=done)

    try:
        size = copying.write_copy(person, place, told)
    except Exception:
        row.update(state=Download.State.FAILED)  # the outbox tries again; meanwhile the page says so
        raise
    now = timezone.now()
    with transaction.atomic():
        kept = row.update(state=Download.State.READY, size=size, ready_at=now, expires_at=now + COPY_LIFE)
        if kept:
            download.refresh_from_db()
            _tell(download)
    if not kept:  # the person was erased meanwhile
        place.unlink(missing_ok=True)
    return bool(kept)


def _tell(download: Download) -> None:
    """The mail with the link; where the copy is all that a case asked for, the answer of the case is that mail."""
    if download.case_ref is not None and note_copied(case_pk=download.case_ref):
        return
    if download.user_id is not None or download.email:
        enqueue(
            kind=READY, key=str(download.public_id), recipient=f"copy:{download.pk}", expires_at=download.expires_at
        )


def note_fetched(*, download: Download) -> None:
    """Writes into the ledger that the copy left: it went to the person themself (P3)."""
    first = next((f"{kind}:{pk}" for kind, pk in download.refs), f"copy:{download.pk}")
    word = f"user:{download.user_id}" if download.user_id else first
    record_export(by=word, subject=word, account_ref=None, why="your-data.zip", purpose=Purpose.RIGHTS)


def forget_copies() -> int:
    """Deletes copies whose day is over, and files that no row names. Returns how many copies."""
    over = Download.objects.filter(expires_at__lte=timezone.now())
    with transaction.atomic():
        keys = list(over.values_list("pk", flat=True)[:500])
        copy_files.forget_files(keys)
        Download.objects.filter(pk__in=keys).delete()
    Proof.objects.filter(expires_at__lte=timezone.now()).delete()
    known = {str(one) for one in Download.objects.values_list("public_id", flat=True)}
    for path in copy_files.folder().glob("*.zip"):
        if path.stem not in known:
            path.unlink(missing_ok=True)
    return len(keys)
