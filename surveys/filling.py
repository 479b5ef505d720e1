"""What somebody fills in, checked question by question, and the sentence under which a name is given."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from chat.realtime.protocol import clean_text
from core.redaction import mask_secrets
from surveys.models import Answer, Question

Sent = Mapping[str, Sequence[str]]


@dataclass
class Filled:
    """The answers by question (numbers, or a text), the contact, and what is wrong, by the name of the field."""

    answers: dict[int, list[int] | str] = field(default_factory=dict)
    name: str = ""
    email: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def say_consent(company: str) -> str:
    """The sentence above the fields for name and e-mail."""
    return _(
        "Both are voluntary. If you give one, %(company)s sees that these answers are yours; without, nobody can tell. "
        "You can take it back at any time."
    ) % {"company": company}


def hash_text(text: str) -> str:
    """How a sentence that was agreed to is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_filled(questions: Iterable[Question], sent: Sent, *, asks_name: bool) -> Filled:
    """What was filled in; each thing that does not fit has a sentence in `errors`, and nothing is lost."""
    found = Filled()
    for question in questions:
        name = f"q{question.pk}"
        values = [value for value in sent.get(name, ()) if isinstance(value, str)]
        try:
            answer = _read_text(values) if question.kind == Question.Kind.TEXT else _read_numbers(question, values)
        except ValueError as problem:
            found.errors[name] = str(problem)
            continue
        if answer:
            found.answers[question.pk] = answer
        elif question.is_required:
            found.errors[name] = _("Answer this question, or choose “No thanks”.")
    if asks_name:
        found.name = " ".join(clean_text(_first(sent, "name")).split())[:80]
        found.email = _first(sent, "email").strip()[:254]
        if found.email and not _is_email(found.email):
            found.errors["email"] = _("Enter an e-mail like pat@specimen.example")
    if not found.answers and not found.errors:
        found.errors[""] = _("Answer at least one question, or choose “No thanks”.")
    return found


def _first(sent: Sent, name: str) -> str:
    values = sent.get(name, ())
    return values[0] if values and isinstance(values[0], str) else ""


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _read_text(values: list[str]) -> str:
    text = clean_text(values[0].replace("\r\n", "\n")) if values else ""
    if len(text) > Answer.LONGEST:
        raise ValueError(_("This is too long: at most %(n)d characters.") % {"n": Answer.LONGEST})
    return mask_secrets(text)


def _read_numbers(question: Question, values: list[str]) -> list[int]:
    found = [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 4]
    if len(found) != len(values) or not set(found) <= set(question.values):
        raise ValueError(_("Choose one of the answers."))
    if question.kind != Question.Kind.CHOICES and len(found) > 1:
        raise ValueError(_("Choose one answer only."))
    return sorted(set(found))


def show_questions(
    questions: Iterable[Question], sent: Sent | None = None, errors: dict[str, str] | None = None
) -> Any:
    """The questions for the form: what was chosen or written so far, and what is wrong with it."""
    sent, errors = sent or {}, errors or {}
    rows = []
    for question in questions:
        name = f"q{question.pk}"
        values = list(sent.get(name, ()))
        rows.append(
            {
                "question": question,
                "name": name,
                "error": errors.get(name, ""),
                "text": values[0] if values else "",
                "values": [
                    {"value": value, "label": question.name_of(value), "chosen": str(value) in values}
                    for value in question.values
                ],
            }
        )
    return rows
