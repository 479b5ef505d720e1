"""What we hold of one person, read at that moment through the data map: kinds, rows, who received it, choices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Membership
from accounts.scoping import scopes_disabled
from audit.queries import count_disclosures_about
from core.errors import not_found
from core.personal_data import Category, PersonalField, PersonalModel, Purpose, Subject, registry
from notifications.addresses import hash_address
from policies.models import Receipt
from policies.queries import Shown, list_receipts
from privacy.models import Download
from privacy.persons import Person, rows_of

HEADINGS = {
    Purpose.ACCOUNT: gettext_lazy("Your account"),
    Purpose.SECURITY: gettext_lazy("Logging in and security"),
    Purpose.CHAT: gettext_lazy("Chats"),
    Purpose.INVITATION: gettext_lazy("Invitations"),
    Purpose.SUPPORT: gettext_lazy("Your requests"),
    Purpose.SURVEY: gettext_lazy("Surveys"),
    Purpose.SERVICE: gettext_lazy("Messages to you"),
    Purpose.SUMMARY: gettext_lazy("Messages to you"),
    Purpose.MARKETING: gettext_lazy("News"),
    Purpose.RIGHTS: gettext_lazy("Your rights"),
    Purpose.LEGAL: gettext_lazy("What a law asks for"),
}
OTHER = gettext_lazy("What you did")
HEADINGS_BY_WORD = {str(purpose): heading for purpose, heading in HEADINGS.items()}
SOURCES = {
    Category.TECHNICAL: gettext_lazy("Your browser"),
    Category.RECORD: gettext_lazy("Us"),
    Category.SECRET: gettext_lazy("You"),
}
SHORT = 80  # letters of a value on the page; the rest is on the page of the kind
ROWS_OF_A_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One line of the page: a field of the one row that there is, or a kind with its number of rows."""

    what: Any
    value: str
    why: Any
    source: Any
    kept: Any
    link: str = ""  # the name of the URL where it can be corrected or removed
    model: str = ""  # the kind whose rows can be viewed


@dataclass(frozen=True)
class Kind:
    """One kind of data of which something is held."""

    entry: PersonalModel
    count: int
    newest: Any
    lines: list[Line]


@dataclass(frozen=True)
class Got:
    """What one recipient got, in words: `what` they received or did, `purpose` for what."""

    recipient: Any
    what: Any
    purpose: Any
    times: int
    first: datetime
    last: datetime
    by_law: bool


def entries_with_rows() -> Iterator[PersonalModel]:
    """The declarations that can lead from a person to rows."""
    for entry in registry:
        if entry.rows_of is not None:
            yield entry


def open_fields(entry: PersonalModel) -> list[PersonalField]:
    """The fields of a kind that its person may read."""
    return [field for field in entry.fields if field.export and field.category is not Category.SECRET]


def moments_of(entry: PersonalModel) -> list[Any]:
    """The times that stand in the rows of a kind besides the declared fields: when it was written, changed, ended."""
    declared = {field.name for field in entry.fields}
    fields = apps.get_model(entry.model)._meta.concrete_fields
    return [one for one in fields if isinstance(one, models.DateTimeField) and one.name not in declared]


def list_kinds(person: Person) -> list[Kind]:
    """Every kind of which something is held, at most two questions each, however many rows there are."""
    found = []
    with scopes_disabled():
        for entry in entries_with_rows():
            count, newest, kept = 0, None, entry.kept
            for rows in rows_of(entry, person):
                number = rows.order_by().values("pk").distinct().count()
                count += number
                if number and newest is None:
                    newest = rows.order_by("-pk").values("pk", *_columns(entry)).first()
                    kept = entry.kept_of(rows) if entry.kept_of else kept
            if count:
                found.append(Kind(entry, count, newest, list(_lines(entry, count, newest, kept))))
    return found


def group_kinds(kinds: list[Kind]) -> list[tuple[Any, list[Line]]]:
    """The lines below their headings, in the order of the headings."""
    groups: dict[str, tuple[Any, list[Line]]] = {}
    for heading in [*dict.fromkeys(HEADINGS.values()), OTHER]:
        groups[str(heading)] = (heading, [])
    for kind in kinds:
        groups[str(_heading(kind.entry))][1].extend(kind.lines)
    return [group for group in groups.values() if group[1]]


def find_kind(model: str) -> PersonalModel:
    """The declaration of a kind that can lead from a person to rows. Refuses (`not_found`)."""
    if model not in registry or registry.find(model).rows_of is None:
        raise not_found()
    return registry.find(model)


def list_rows(person: Person, entry: PersonalModel, page: int) -> tuple[list[list[tuple[Any, Any]]], bool]:
    """One page of the rows of a kind, newest first, and whether there are more."""
    start, names = (page - 1) * ROWS_OF_A_PAGE, _columns(entry)
    found: list[Any] = []
    with scopes_disabled():
        for rows in rows_of(entry, person):
            wanted: QuerySet[Any] = rows.order_by("-pk").values("pk", *names)
            found += wanted[: start + ROWS_OF_A_PAGE + 1]
    found = sorted(found, key=lambda row: row["pk"], reverse=True)[start : start + ROWS_OF_A_PAGE + 1]
    return [label_values(entry, row) for row in found[:ROWS_OF_A_PAGE]], len(found) > ROWS_OF_A_PAGE


def label_values(entry: PersonalModel, row: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What stands in a row, with the names that people read; empty fields are left out."""
    told = [(field.label or field.name, _in_words(entry, field, row[field.name])) for field in open_fields(entry)]
    told += [(one.verbose_name.capitalize(), row[one.name]) for one in moments_of(entry)]
    return [(label, say_whole(value)) for label, value in told if value not in (None, "", [], {})]


def say_whole(value: Any) -> Any:
    """A value as people read it, nothing left out: times in UTC, yes and no, lists and keys with what stands there."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{date_format(value.astimezone(UTC), 'j F Y, H:i')} UTC"
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, dict):
        return "; ".join(f"{str(key).replace('_', ' ')}: {say_whole(held)}" for key, held in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(say_whole(held)) for held in value)
    return value


def _in_words(entry: PersonalModel, field: PersonalField, value: Any) -> Any:
    """A value as people read it, where it is a code of a closed list."""
    column: Any = apps.get_model(entry.model)._meta.get_field(field.name)
    known: dict[Any, Any] = {**dict(column.flatchoices), **(field.words or {})}
    return known.get(value, value) if isinstance(value, str) else value


def _columns(entry: PersonalModel) -> list[str]:
    return [*(field.name for field in open_fields(entry)), *(one.name for one in moments_of(entry))]


def _heading(entry: PersonalModel) -> Any:
    if not entry.fields:
        return OTHER
    if entry.model.startswith("forum."):
        return OTHER
    return HEADINGS.get(entry.fields[0].purpose, OTHER)


def _lines(entry: PersonalModel, count: int, newest: Any, kept: Any) -> Iterator[Line]:
    if entry.model == "accounts.User" or entry.subject is Subject.VISITOR and entry.is_person and count == 1:
        # each of its fields is something of its own to a reader
        for field in open_fields(entry):
            value = _in_words(entry, field, newest[field.name])
            if value not in (None, ""):
                yield Line(field.label or field.name, say_value(field, value), field.why,
                           _source(entry, field, newest), _kept(kept, field),
                           "" if field.category in SOURCES else entry.link)  # fmt: skip
        return
    shown = open_fields(entry)
    first = shown[0] if shown else None
    many = ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}
    only = _in_words(entry, first, newest[first.name]) if count == 1 and first else None
    value = say_value(first, only) if first and only else many
    reasons = [*entry.keys.values(), *(field.why for field in entry.fields)]  # a secret is not shown; its reason is
    why = first.why if first else next(iter(reasons), "")
    yield Line(entry.label, value, why, _source(entry, first, newest if count == 1 else {}), kept, entry.link,
               entry.model)  # fmt: skip


def say_value(field: PersonalField, value: Any) -> str:
    """A value in short words; nothing secret and no name of a file is among them."""
    if field.name == "photo_key":
        return _("1 picture")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return str(say_whole(value))
    if isinstance(value, list | dict):
        return ngettext("%(count)d entry", "%(count)d entries", len(value)) % {"count": len(value)}
    text = " ".join(str(value).split())
    return text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"


def _source(entry: PersonalModel, field: PersonalField | None, row: dict[str, Any]) -> str:
    """From where, and since when: the first moment that stands in the row."""
    if entry.subject is Subject.INVITED and field is not None and field.purpose is Purpose.INVITATION:
        source = _("Who invited you, or your mail")
    elif field is None:
        source = str(SOURCES[Category.RECORD])
    else:
        source = str(SOURCES.get(field.category, _("You")))
    now = timezone.now()
    moments = [value for value in row.values() if isinstance(value, datetime) and value <= now]
    return f"{source}, {date_format(min(moments), 'j M Y')}" if moments else source


def _kept(kept: Any, field: PersonalField) -> Any:
    if field.keep_days is None:
        return kept
    return ngettext("%(days)d day", "%(days)d days", field.keep_days) % {"days": field.keep_days}


# ---- who received it, and what was chosen -------------------------------------------------------------------
WAYS = {
    "view": gettext_lazy("looked at your data"),
    "export": gettext_lazy("took a copy as a file"),
    "legal": gettext_lazy("got what a law demanded"),
}


def list_received(person: Person, user: Any = None) -> list[Got]:
    """Who received something about this person, newest first: mails, looks of our staff, files, demands by law (P3)."""
    words = person.words()
    words += [f"request:{ref.pk}" for ref in person.refs if ref.subject is Subject.GUEST]
    cases = registry.find("privacy.Case")
    with scopes_disabled():
        words += [
            f"case:{pk}" for rows in rows_of(cases, person) for pk in rows.order_by().values_list("pk", flat=True)
        ]
        if user is not None:  # files about everybody in an account
            accounts = Membership.objects.filter(user=user).values_list("account_id", flat=True)
            words += [f"account:{pk}" for pk in accounts]
    return [
        Got(
            recipient=one.recipient,
            what=WAYS.get(one.channel, one.receives),
            purpose=HEADINGS_BY_WORD.get(one.purpose, OTHER),
            times=one.times,
            first=one.first,
            last=one.last,
            by_law=one.channel == "legal",
        )
        for one in count_disclosures_about(words)
    ]


def list_choices_said(person: Person) -> list[Shown]:
    """What this person said yes to, with what was taken back and the texts that they accepted, newest first (P16)."""
    found = [receipt for word in person.words() for receipt in list_receipts(word)]
    return sorted(found, key=lambda one: one.given_at, reverse=True)


def find_own_receipt(person: Person, public_id: UUID) -> Receipt:
    """One of their receipts. Refuses (`not_found`)."""
    receipt = Receipt.objects.filter(subject__in=person.words(), public_id=public_id).first()
    if receipt is None:
        raise not_found()
    return receipt


# ---- copies --------------------------------------------------------------------------------------------------
def owner_of(person: Person) -> str:
    """The word by which whoever asked for a copy is known again: their log-in, their address as a hash, or a row."""
    users = [ref for ref in person.refs if ref.subject is Subject.USER]
    if users:
        return f"user:{users[0].pk}"
    return f"address:{hash_address(person.email)}" if person.email else person.words()[0]


def list_copies(person: Person) -> QuerySet[Download]:
    """The copies that this person asked for and that are not over, newest first."""
    mine = Download.objects.filter(owner=owner_of(person), expires_at__gt=timezone.now())
    return mine.order_by("-asked_at", "-pk")


def find_copy(person: Person, public_id: UUID) -> Download:
    """One of them. Refuses (`not_found`), also for a copy of somebody else and for one that is over."""
    found = list_copies(person).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found
