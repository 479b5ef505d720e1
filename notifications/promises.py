"""Promises that notifications keeps: optional mails only to those who chose them, and data only to recipients."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.chain import chain_key, is_person, is_pseudonym
from audit.models import Entry, SubjectKey
from core import egress
from core.looking import own_files
from core.outbound import registry
from core.personal_data import Purpose
from core.promises import Evidence, build, probe
from notifications.models import Preference
from outbox.models import Delivery
from outbox.outbound import MAIL_SENDER

LOOK_BACK = timedelta(days=30)
MOST = 5000  # newest mails
UNDER_WAY = timedelta(minutes=5)  # a mail may be with the mail server when the switch moves

DOORS = {
    "core/egress.py": "the outgoing door itself",
    "core/mail.py": "the mail door itself",
    "core/mailbox.py": "the incoming mail door itself: it fetches, from the declared host only",
    "livechat/management/commands/run.py": "asks its own child, on this machine, whether it is ready",
    "livechat/doctor.py": "looks whether the mail server answers; no data of a person passes",
}
CLIENTS = re.compile(
    r"^\s*(?:import|from)\s+(?:requests|httpx|aiohttp|urllib\.request|urllib3|http\.client|smtplib|imaplib|poplib|ftplib)\b",
    re.MULTILINE,
)


# (the person's word, the account's chain, the kind): the moments when the switch moved, and whereto
Switches = dict[tuple[str, str, str], list[tuple[datetime, bool]]]


@probe(
    "summary_chosen",
    rows=("S41", "S42"),
    how=gettext_lazy(
        "For every optional mail of the last 30 days, looks up in the audit log whether its recipient had it switched "
        "on at that moment."
    ),
)
def summary_chosen() -> Evidence:
    optional = [kind.key for kind in registry.mail_kinds.values() if kind.optional]
    done = Delivery.objects.filter(
        kind__in=optional, state=Delivery.State.DONE, finished_at__gte=timezone.now() - LOOK_BACK
    )
    sent = list(done.order_by("-pk").values_list("recipient", "account_ref", "kind", "finished_at")[:MOST])
    switches = _switches({recipient for recipient, *_rest in sent}, optional)
    unasked = sum(
        not _was_on(switches.get((recipient, chain_key(account), kind), ()), at)
        for recipient, account, kind, at in sent
        if at is not None
    )
    on_by_default = Preference._meta.get_field("is_on").get_default()
    figure = _("%(unasked)d of %(sent)d optional mails unasked") % {"unasked": unasked, "sent": len(sent)}
    return Evidence(not unasked and not on_by_default, figure)


def _switches(people: set[str], kinds: Iterable[str]) -> Switches:
    """When these people moved which switch, by the audit log."""
    names = dict(SubjectKey.objects.filter(subject__in=people).values_list("pseudonym", "subject"))
    moved = Entry.objects.filter(action="preference.changed", subject__in=list(names)).order_by("at", "index")
    found: Switches = defaultdict(list)
    for name, chain, facts, at in moved.values_list("subject", "chain__key", "facts", "at"):
        if facts.get("kind") in kinds:
            found[names[name], chain, facts["kind"]].append((at, bool(facts.get("is_on"))))
    return found


def _was_on(moves: Iterable[tuple[datetime, bool]], at: datetime) -> bool:
    """Whether the switch was on at that moment, or shortly before it."""
    state = False
    for moment, is_on in moves:
        if moment > at:
            break
        if moment >= at - UNDER_WAY and state:
            return True
        state = is_on
    return state


build(
    "one_click_out",
    rows=("S42",),
    how=gettext_lazy(
        "Switches a summary on and presses the button of its mail as a mail program does, without logging in."
    ),
)


@probe(
    "egress_closed",
    rows=("P4",),
    how=gettext_lazy(
        "Knocks at the outgoing door for hosts that are not in the list, looks for other doors in our code, and "
        "compares the ledger with the list of recipients."
    ),
)
def egress_closed() -> Evidence:
    opened = sum(_opens(key) for key in ("nobody", *registry.recipients))
    known = set(registry.recipients)
    given = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE).values_list("facts__recipient", "action").distinct()
    strangers = {key for key, action in given if key not in known and not _is_reader(key, action)}
    side_doors = [path for path, text in own_files(".py") if path not in DOORS and CLIENTS.search(text)]
    figure = _("%(known)d recipients, %(strangers)d unknown in the ledger, %(doors)d other doors") % {
        "known": len(known),
        "strangers": len(strangers),
        "doors": opened + len(side_doors),
    }
    return Evidence(not opened and not strangers and not side_doors, figure)


def _is_reader(key: Any, action: str) -> bool:
    """Whether a line is about a person who read or took data inside of the site: by name of a pseudonym only."""
    return action in ("disclosed.view", "disclosed.export") and (is_pseudonym(str(key)) or is_person(str(key)))


def _opens(recipient: str) -> bool:
    """Whether the door lets a connection to an undeclared host begin; it must refuse before it looks a name up."""
    purpose = registry.recipients[recipient].purposes[0] if recipient in registry.recipients else Purpose.SERVICE
    url = "https://undeclared.specimen.example/"
    try:
        egress.fetch(recipient, "GET", url, purpose=purpose, subject="", categories=())
    except egress.EgressRefused:
        return False
    except Exception:  # anything else means that the door had opened
        return True
    return True


build(
    "news_by_consent",
    rows=("S55", "S56"),
    how=gettext_lazy(
        "Sends campaigns to people with and without a yes, twice in a week, and stops them by the button and by a mail."
    ),
)


@probe(
    "marketing_recipients",
    rows=("S54",),
    how=gettext_lazy("Looks for a recipient of data for offers and news that is not the sender of our own mails."),
)
def marketing_recipients() -> Evidence:
    allowed = {MAIL_SENDER}
    others = [
        one.key for one in registry.recipients.values() if Purpose.MARKETING in one.purposes and one.key not in allowed
    ]
    given = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE, facts__purpose=Purpose.MARKETING.value)
    strays = given.exclude(facts__recipient__in=allowed).count()
    figure = _("%(others)d other recipients, %(strays)d disclosures to them") % {
        "others": len(others),
        "strays": strays,
    }
    return Evidence(not others and not strays, figure)
