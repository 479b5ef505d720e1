"""The form before the chat, as an account built it: what it asks, and what a visitor may answer."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from chat.realtime.protocol import clean_text
from core.errors import Refused
from core.redaction import mask_secrets

MOST_QUESTIONS = 8
MOST_OPTIONS = 12
LABEL, OPTION, LINE, TEXT = 120, 80, 200, 2000  # characters
QUESTION_ID = re.compile(r"[a-z0-9]{1,12}")


class Ask(TextChoices):
    """How a name or an address is asked for."""

    OFF = "off", _("Do not ask")
    OPTIONAL = "optional", _("Optional")
    REQUIRED = "required", _("Required")


class Kind(TextChoices):
    """How a question is answered."""

    LINE = "line", _("One line")
    TEXT = "text", _("Several lines")
    CHOICE = "choice", _("One of a list")
    CHECK = "check", _("A box to tick")


@dataclass(frozen=True)
class Question:
    """One question of the account. `id` stays when the words change, so that a preset answer still fits."""

    id: str
    label: str
    kind: str = Kind.LINE
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreChat:
    """The whole form. Name and e-mail are voluntary unless the account says otherwise, and the form says which."""

    name: str = Ask.OPTIONAL
    email: str = Ask.OPTIONAL
    group: bool = False
    questions: tuple[Question, ...] = field(default=())

    def stored(self) -> dict[str, Any]:
        """The shape of `Widget.form`."""
        return {**asdict(self), "questions": [{**asdict(q), "options": list(q.options)} for q in self.questions]}


class FormRefused(Refused):
    """What must be put right; `fields` holds a sentence for each field: name, email, group, or a question's id."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        only_email = set(fields) == {"email"}
        super().__init__("bad_email" if only_email else "bad_form", next(iter(fields.values())))
        self.fields = {name: str(sentence) for name, sentence in fields.items()}


def new_question() -> Question:
    """An empty question with an id of its own, for the editor."""
    return Question(secrets.token_hex(4), "")


def read_form(stored: Any) -> PreChat:
    """The form in `Widget.form`; what is missing or does not fit is as in a new widget."""
    told = stored if isinstance(stored, dict) else {}
    rows = told.get("questions")
    found = [_read_question(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return PreChat(
        name=_one_of(Ask, told.get("name"), Ask.OPTIONAL),
        email=_one_of(Ask, told.get("email"), Ask.OPTIONAL),
        group=bool(told.get("group")),
        questions=tuple(found[:MOST_QUESTIONS]),
    )


def _one_of(choices: type[TextChoices], value: Any, default: str) -> str:
    return value if value in choices.values else default


def _read_question(row: dict[str, Any]) -> Question:
    options = row.get("options")
    return Question(
        id=str(row.get("id", ""))[:12],
        label=str(row.get("label", ""))[:LABEL],
        kind=_one_of(Kind, row.get("kind"), Kind.LINE),
        required=bool(row.get("required")),
        options=tuple(str(one)[:OPTION] for one in options) if isinstance(options, list) else (),
    )


# ---- the editor ----
def check_form(form: PreChat) -> PreChat:
    """The form as it is stored. Raises FormRefused with a sentence for each question that is not right."""
    wrong: dict[str, Any] = {}
    if len(form.questions) > MOST_QUESTIONS:
        wrong["questions"] = _("A form can have %(count)d questions of your own.") % {"count": MOST_QUESTIONS}
    kept, seen = [], set[str]()
    for question in form.questions:
        clean = _clean_question(question)
        problem = _problem_of(clean)
        if not QUESTION_ID.fullmatch(clean.id) or clean.id in seen:
            clean = replace(clean, id=secrets.token_hex(4))
        if problem:
            wrong[clean.id] = problem
        seen.add(clean.id)
        kept.append(clean)
    if wrong:
        raise FormRefused(wrong)
    return replace(form, questions=tuple(kept))


def _clean_question(question: Question) -> Question:
    options = dict.fromkeys(_line(option, OPTION) for option in question.options)
    is_list = question.kind == Kind.CHOICE
    return replace(
        question, label=_line(question.label, LABEL), options=tuple(one for one in options if one) if is_list else ()
    )


def _problem_of(question: Question) -> Any:
    if not question.label:
        return _("Write the question, or remove it.")
    if question.kind == Kind.CHOICE and not 2 <= len(question.options) <= MOST_OPTIONS:
        return _("Give 2 to %(count)d answers to choose from, one a line.") % {"count": MOST_OPTIONS}
    return None


def _line(text: str, length: int) -> str:
    return " ".join(clean_text(text).split())[:length]


# ---- a visitor's answers ----
@dataclass(frozen=True)
class Filled:
    """What a visitor filled in, checked: `answers` as `Chat.answers` keeps them."""

    name: str
    email: str
    answers: list[dict[str, str]]


def check_filled(
    form: PreChat, *, name: str, email: str, answers: Mapping[str, str], by_mail: bool = False
) -> Filled:  # fmt: skip
    """What may be stored of a form that was sent; `by_mail` needs an address, or nobody could answer.

    An answer to a question that the form does not ask is dropped. Raises FormRefused.
    """
    name, email = _line(name, 80), email.strip()
    wrong: dict[str, Any] = {}
    if form.name == Ask.REQUIRED and not name:
        wrong["name"] = _("Enter your name")
    if email or by_mail or form.email == Ask.REQUIRED:
        problem = problem_of_address(email)
        if problem:
            wrong["email"] = problem
    kept = []
    for question in form.questions:
        answer, problem = _check_answer(question, answers.get(question.id, ""))
        if problem:
            wrong[question.id] = problem
        elif answer:
            kept.append({"question": question.label, "answer": answer})
    if wrong:
        raise FormRefused(wrong)
    return Filled(name, email, kept)


def problem_of_address(email: str) -> Any:
    """What is wrong with an e-mail address, as a sentence; None when nothing is."""
    try:
        validate_email(email)
    except ValidationError:
        return _("Enter an e-mail like pat@specimen.example")
    return None if len(email) <= 254 else _("Enter an e-mail like pat@specimen.example")


def _check_answer(question: Question, given: str) -> tuple[str, Any]:
    """The answer as it is kept, and what is wrong with it."""
    if question.kind == Kind.CHECK:
        ticked = given in ("yes", "on", "true", "1")
        missing = _("Tick this box to go on") if question.required and not ticked else None
        return str(_("Yes")) if ticked else "", missing
    answer = clean_text(given)[:TEXT] if question.kind == Kind.TEXT else _line(given, LINE)
    if question.kind == Kind.CHOICE:
        answer = answer if answer in question.options else ""
    if question.required and not answer:
        return "", _("Choose one") if question.kind == Kind.CHOICE else _("Write an answer")
    return mask_secrets(answer) if question.kind != Kind.CHOICE else answer, None
