"""What the landing page says with numbers, read from the code and the checks that stand behind them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from core.outbound import registry as outbound
from core.personal_data import PersonalField
from core.personal_data import registry as data_map
from core.promises import Outcome
from policies.coverage import list_promises
from policies.proving import standings

CHAT_MODELS = ("chat.Message", "chat.Visitor", "chat.Chat")
PLACES = ("location", "latitude", "longitude", "city", "country", "region")
STRIP_LENGTH = 4


@dataclass(frozen=True)
class Kept:
    """One line of the receipt; `nothing` marks what is not kept."""

    label: str
    value: str
    nothing: bool = False


def list_kept() -> list[Kept]:
    """The receipt of a chat with the settings of a new account, from the data map (P2, P17)."""
    models = [data_map.find(name) for name in CHAT_MODELS if name in data_map]
    fields = {(model.model.lower(), field.name): (model, field) for model in models for field in model.fields}
    lines = []
    for label, key in (
        (_("Messages"), ("chat.message", "text")),
        (_("Name, e-mail"), ("chat.visitor", "email")),
        (_("IP address"), ("chat.visitor", "ip_address")),
    ):
        if key in fields:
            lines.append(Kept(label, _say_days(fields[key][1])))
    if any(place in name for _model, name in fields for place in PLACES):
        lines.append(Kept(_("Location"), _("Kept")))
    else:
        lines.append(Kept(_("Location"), _("Not collected"), nothing=True))
    recipients = sorted({key for _model, field in fields.values() for key in field.recipients})
    if recipients:
        names = [str(outbound.recipients[key].name) if key in outbound.recipients else key for key in recipients]
        lines.append(Kept(_("Shared with"), ", ".join(names)))
    else:
        lines.append(Kept(_("Shared with"), _("Nobody"), nothing=True))
    return lines


def _say_days(field: PersonalField) -> str:
    days = field.keep_days
    if days is None:
        days = Account._meta.get_field("chat_keep_days").default
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@dataclass(frozen=True)
class Checked:
    """One promise on the strip, with the figure of its last check. `state` is "kept", "late" or "broken"."""

    text: str
    figure: str
    state: str


@dataclass(frozen=True)
class Strip:
    """How many sentences of the texts in force have a check, how many are kept, and a few of them."""

    total: int
    kept: int
    rows: list[Checked]


def read_strip() -> Strip | None:
    """The promises of the texts in force as they stand; None before a version or a result exists (P1)."""
    by_probe = standings()
    if not any(standing.run for standing in by_probe.values()):
        return None
    rows = {}
    for sentence in list_promises():
        standing = by_probe[sentence.probe]
        figure = standing.run.figure if standing.run else ""
        rows[sentence.pk] = Checked(sentence.text, figure, standing.outcome.value)
    if not rows:
        return None
    kept = [row for row in rows.values() if row.state == Outcome.KEPT]
    others = [row for row in rows.values() if row.state != Outcome.KEPT]
    worst = sorted(others, key=lambda row: (row.state != Outcome.BROKEN, len(row.text)))[:1]
    shown = sorted(kept, key=lambda row: len(row.text))[: STRIP_LENGTH - len(worst)]
    return Strip(len(rows), len(kept), shown + worst)
