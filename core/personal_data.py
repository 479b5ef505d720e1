"""The words for personal data, and the registry in which each app declares its models (P2)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.dispatch import Signal


class Subject(StrEnum):
    """Whom a row is about."""

    USER = "user"  # has a login: owner, operator, member, staff
    VISITOR = "visitor"  # chats on a customer's site
    INVITED = "invited"  # an address that somebody gave us
    GUEST = "guest"  # wrote to support without a login
    NOBODY = "nobody"  # a row about a company or the site, not a person


class Category(StrEnum):
    """What kind of data a field holds."""

    IDENTITY = "identity"
    CONTACT = "contact"
    COMPANY = "company"
    SECRET = "secret"  # noqa: S105  a category, not a secret
    CONTENT = "content"
    TECHNICAL = "technical"
    CHOICE = "choice"
    RECORD = "record"


class Purpose(StrEnum):
    """What a field or an address may be used for. There is no purpose for selling, and none can be added (S51)."""

    ACCOUNT = "account"  # log in, run the account, security notices
    SERVICE = "service"  # notices that the service needs: trial, limits, outages
    CHAT = "chat"  # hold the conversation that the visitor asked for
    SUMMARY = "summary"  # the daily summary that the person switched on
    INVITATION = "invitation"  # the one invitation mail
    SUPPORT = "support"  # answer a request
    RIGHTS = "rights"  # answer a privacy case
    SURVEY = "survey"  # answers that somebody chose to give
    MARKETING = "marketing"  # news, only after a yes
    SECURITY = "security"  # find and stop abuse
    LEGAL = "legal"  # what a law makes us keep


class Basis(StrEnum):
    """The legal basis (GDPR article 6)."""

    CONTRACT = "contract"
    CONSENT = "consent"
    INTEREST = "legitimate interest"
    LAW = "legal obligation"


class Erase(StrEnum):
    """What erasure does to a field or row."""

    DELETE_ROW = "delete the row"
    BLANK = "blank the field"
    REPLACE = "replace the text"
    PSEUDONYM = "replace by a pseudonym"
    KEEP = "keep, with a reason"


@dataclass(frozen=True)
class PersonalField:
    """One declared field: what, why, on which basis, how long, who gets it, what erasure does.

    `keep_days` is None where the row's life decides; `why` is shown at the form field; `kept_because` is needed
    with Erase.KEEP. `words` says a code that the field holds as people read it.
    """

    name: str
    category: Category
    purpose: Purpose
    basis: Basis
    why: Any
    erase: Erase = Erase.DELETE_ROW
    keep_days: int | None = None
    recipients: tuple[str, ...] = ()
    export: bool = True
    label: Any = ""
    kept_because: Any = ""
    words: "Mapping[str, Any] | None" = field(default=None, compare=False)


@dataclass(frozen=True)
class SubjectRef:
    """One person as the registry knows them: the kind and the primary key of the row that stands for them."""

    subject: Subject
    pk: int


@dataclass(frozen=True)
class Review:
    """Where a company looks after what an erasure left: a URL's name, `count(account)`, and `say(count)` in words."""

    link: str
    count: Callable[[Any], int]
    say: Callable[[int], str]


@dataclass(frozen=True)
class PersonalModel:
    """One declared model. `model` is "app.Model"; `rows_of(ref)` is the only link from a person to rows.

    `keys` maps each key to a person to what it says of them. `not_personal` maps each other text-like field to the
    reason why it is not personal data. `json` maps each JSON field to every key that it may hold ("questions",
    "questions/label"; none for a list of words), or to the reason why its keys are free.
    `is_person`: a row stands for a person, so a key to it is a key to a person.
    `aged_by` is the moment from which `keep_days` of a field counts; `expired(now)` gives the rows whose time is
    over, `kept` says that time in words, `kept_of(rows)` that of these rows, where a company chooses it.
    `after_erase(keys)` lets the app unpublish, re-sign or close things.
    `of_address(email)` gives the rows that stand for whoever owns this address, `stands_for` the kind of person that
    such a row is (the declaration's own subject when None). `files_of(row)` gives the files of a row: (name, path).
    `keeps_young_less`: rows of somebody under 18 go earlier, and `expired` knows it (S50).
    `redact(keys)` replaces the texts of rows that everybody reads and keeps what others wrote around them; it answers
    how many rows of others were masked (S101).
    `link` names the URL of the page where a person looks after these rows.
    `before_delete(keys)` is called inside the transaction before retention or erasure deletes these rows: what hangs on
    them outside of the database (files) goes with its commit.
    `stays_because`: erasure leaves the rows, and why; no field may then say that the row goes. `replace(keys)` writes,
    inside the transaction of the erasure, what takes the place of the fields that do not stay, where one value for
    all rows is not enough; twice is harmless. The keys of one call are rows about one person.
    `review` is where the company looks after what an erasure left in these rows.
    Callers of `rows_of` and `expired` stand outside the tenant wall (`scopes_disabled`).
    """

    model: str
    subject: Subject
    fields: tuple[PersonalField, ...] = ()
    keys: "dict[str, Any]" = field(default_factory=dict)
    not_personal: dict[str, str] = field(default_factory=dict)
    json: "dict[str, tuple[str, ...] | str]" = field(default_factory=dict)
    is_person: bool = False
    rows_of: "Callable[[SubjectRef], models.QuerySet[Any]] | None" = None
    aged_by: str = ""
    expired: "Callable[[datetime], models.QuerySet[Any]] | None" = None
    kept: Any = ""
    kept_of: "Callable[[models.QuerySet[Any]], Any] | None" = None
    after_erase: "Callable[[list[int]], None] | None" = None
    before_delete: "Callable[[list[int]], None] | None" = None
    label: Any = ""
    of_address: "Callable[[str], models.QuerySet[Any]] | None" = None
    stands_for: Subject | None = None
    files_of: "Callable[[Any], Iterable[tuple[str, Path]]] | None" = None
    link: str = ""
    keeps_young_less: bool = False
    redact: "Callable[[list[int]], int] | None" = None
    stays_because: Any = ""
    replace: "Callable[[list[int]], None] | None" = None
    review: Review | None = None

    def names(self) -> set[str]:
        """Every field name that this declaration speaks of."""
        return {*(declared.name for declared in self.fields), *self.keys, *self.not_personal}

    def field_named(self, name: str) -> PersonalField:
        """The declaration of one field. Raises KeyError when it is not declared."""
        for declared in self.fields:
            if declared.name == name:
                return declared
        raise KeyError(f"{self.model}.{name} is not declared as personal data")


class Registry:
    """Every declared model, by "app.Model" in lower case."""

    def __init__(self) -> None:
        self._models: dict[str, PersonalModel] = {}

    def register(self, *declared: PersonalModel) -> None:
        """Adds declarations. Raises ValueError when a model is declared twice or contradicts itself."""
        for entry in declared:
            key = entry.model.lower()
            if key in self._models:
                raise ValueError(f"{entry.model} is declared twice")
            for personal in entry.fields:
                if personal.keep_days is not None and not entry.aged_by:
                    raise ValueError(f"{entry.model}.{personal.name} has days to keep but no moment to count from")
                if personal.erase is Erase.KEEP and not personal.kept_because:
                    raise ValueError(f"{entry.model}.{personal.name} is kept without a reason")
                if personal.erase is Erase.DELETE_ROW and entry.stays_because:
                    raise ValueError(f"{entry.model}.{personal.name} goes with a row that stays")
            if entry.replace is not None and not entry.stays_because:
                raise ValueError(f"{entry.model} replaces fields of rows that do not stay")
            self._models[key] = entry

    def find(self, model: str) -> PersonalModel:
        """The declaration of "app.Model". Raises KeyError."""
        return self._models[model.lower()]

    def why(self, model: str, name: str) -> Any:
        """The sentence that a form shows at the field: why it is asked."""
        return self.find(model).field_named(name).why

    def __iter__(self) -> Iterator[PersonalModel]:
        return iter(self._models.values())

    def __contains__(self, model: str) -> bool:
        return model.lower() in self._models


registry = Registry()

SHORTEST = 6  # signs: shorter words stand in texts about others too


def means_one_person(word: str) -> bool:
    """Whether a name, address or number is so telling that wherever it stands it means its owner."""
    return len(word) >= SHORTEST and (len(word) >= 16 or re.search(r"[\s\d@]", word) is not None)


def addresses_of(ref: SubjectRef) -> list[str]:
    """The address in the row that stands for this person, in small letters; none where the row has none.

    A visitor typed theirs, and nobody proved it. The caller stands outside the tenant wall.
    """
    for entry in registry:
        if entry.of_address is not None and (entry.stands_for or entry.subject) is ref.subject:
            rows = apps.get_model(entry.model)._base_manager.filter(pk=ref.pk).exclude(email="")
            return [email.lower() for email in rows.values_list("email", flat=True)]
    return []


# ---- Erasure speaks before it touches rows, inside its transaction: `model` ("app.Model") and `keys` ----------------
# What retention deletes is old and quiet. What erasure deletes may be in use: an app tells open windows, gives counts
# back and keeps no link alive.
rows_erased = Signal()


# ---- Legal holds: privacy says which rows must not be touched; erasure and retention ask here --------------------
HeldKeys = Callable[[str], set[Any]]
_held_keys: HeldKeys | None = None


def register_holds(held: HeldKeys) -> None:
    """Called once, by privacy: `held("app.Model")` gives the keys of the rows under a legal hold."""
    global _held_keys
    _held_keys = held


def held_keys(model: str) -> set[Any]:
    """The keys of the rows of "app.Model" that a legal hold keeps from erasure and retention."""
    return _held_keys(model) if _held_keys else set()


def list_people(row: models.Model) -> tuple[str, ...]:
    """The words of the persons whose data a row shows ("user:12"): the row itself, or those its keys lead to."""
    if row._meta.label not in registry:
        return ()
    entry = registry.find(row._meta.label)
    words = [f"{entry.subject.value}:{row.pk}"] if entry.is_person else []
    for name in entry.keys:
        column: Any = row._meta.get_field(name)
        target = getattr(column.related_model, "_meta", None)
        pk = getattr(row, column.attname, None)
        if target is not None and pk is not None and target.label in registry:
            other = registry.find(target.label)
            words += [f"{other.subject.value}:{pk}"] if other.is_person else []
    return tuple(dict.fromkeys(words))
