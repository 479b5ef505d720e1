"""What the data map shows: each declared field of each table, and who else receives data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.outbound import registry as outbound
from core.personal_data import Erase, PersonalField, PersonalModel, Subject, registry

ERASURE = {
    Erase.DELETE_ROW: gettext_lazy("deleted"),
    Erase.BLANK: gettext_lazy("emptied"),
    Erase.REPLACE: gettext_lazy("replaced"),
    Erase.PSEUDONYM: gettext_lazy("replaced by a pseudonym"),
    Erase.KEEP: gettext_lazy("kept"),
}
ORDER = (Subject.VISITOR, Subject.USER, Subject.INVITED, Subject.GUEST, Subject.NOBODY)


@dataclass(frozen=True)
class FieldLine:
    """One line of the map."""

    name: str
    label: Any
    keys: str  # of JSON
    why: Any
    purpose: str
    basis: str
    kept: Any
    erasure: Any
    recipients: str


@dataclass(frozen=True)
class Table:
    """One table of the database, with its lines."""

    model: str
    label: Any
    lines: list[FieldLine]


def list_tables() -> list[tuple[str, list[Table]]]:
    """The tables by the kind of person they are about."""
    headings = {
        Subject.VISITOR: _("Visitors"),
        Subject.USER: _("People with a log-in"),
        Subject.INVITED: _("Invited people"),
        Subject.GUEST: _("Guests who wrote to us"),
        Subject.NOBODY: _("Records of the site"),
    }
    entries = list(registry)
    tables = {subject: [_table(one) for one in entries if one.subject is subject and one.fields] for subject in ORDER}
    return [(headings[subject], found) for subject, found in tables.items() if found]


def _table(entry: PersonalModel) -> Table:
    return Table(entry.model, entry.label, list(_lines(entry)))


def _lines(entry: PersonalModel) -> Iterator[FieldLine]:
    for field in entry.fields:
        names = [str(outbound.recipients[key].name) for key in field.recipients if key in outbound.recipients]
        yield FieldLine(
            name=field.name,
            label=field.label or field.name,
            keys=_keys(entry, field),
            why=field.why,
            purpose=field.purpose.value,
            basis=field.basis.value,
            kept=_kept(entry, field),
            erasure=field.kept_because if field.erase is Erase.KEEP else ERASURE[field.erase],
            recipients=", ".join(names),
        )


def _keys(entry: PersonalModel, field: PersonalField) -> str:
    """The keys that a field of JSON may hold, in words."""
    declared = entry.json.get(field.name, ())
    return "" if isinstance(declared, str) else ", ".join(declared)


def _kept(entry: PersonalModel, field: PersonalField) -> Any:
    if field.keep_days is None:
        return entry.kept
    return ngettext("%(days)d day", "%(days)d days", field.keep_days) % {"days": field.keep_days}
