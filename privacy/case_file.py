"""The case file of a complaint: one ZIP to hand to the independent body, with dates, words and letters (S6)."""

import io
import json
import zipfile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from core.mail import write_mail
from core.outbound import registry
from outbox.models import Delivery
from policies.queries import find_dispute_body
from privacy.case_links import page_url
from privacy.models.cases import Case
from privacy.screens import row_of

SENT = ("privacy.case_received", "privacy.case_escalated", "privacy.case_answered")  # the one with the key is left out


def write_case_file(case: Case) -> bytes:
    """A ZIP with a page to read, the same as JSON, and each letter that left. It holds no link that opens anything."""
    with override(case.language or "en"):
        row = row_of(case)
        letters = _letters(case)
        facts = {"case": case, "row": row, "letters": letters, "body": find_dispute_body(), "made_at": timezone.now()}
        page = render_to_string("privacy/case_file.html", facts)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.html", page)
        archive.writestr("case.json", json.dumps(_facts(case, row, letters), cls=DjangoJSONEncoder, indent=1))
        for number, letter in enumerate(letters, 1):
            archive.writestr(f"letters/{number}.txt", f"{letter['sent_at']}\n{letter['subject']}\n\n{letter['text']}")
    return packed.getvalue()


def _facts(case: Case, row: Any, letters: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": case.label,
        "kind": case.kind,
        "state": case.state,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "what_was_asked": case.text,
        "answer": case.answer,
        "reason": case.reason_code,
        "looked_at_again_on": case.review_on,
        "steps": [{"at": step.at, "what": step.words} for step in row.steps if step.at],
        "letters": letters,
    }


def _letters(case: Case) -> list[dict[str, Any]]:
    """The letters to the person that left, oldest first, as they read; links to the page of the case are cut."""
    rows = Delivery.objects.filter(recipient=f"case:{case.pk}", kind__in=SENT, state=Delivery.State.DONE)
    written = []
    for delivery in rows.order_by("finished_at", "pk"):
        kind = registry.mail_kinds[delivery.kind]
        for letter in kind.load([delivery]).values():
            mail = write_mail(kind=kind, letter=letter, message_id=delivery.message_id)
            text = str(mail.body).replace(page_url(case), "–")
            written.append({"sent_at": delivery.finished_at, "subject": mail.subject, "text": text})
    return written
