"""Promises that chat keeps: nothing before the click, previews never stored, numbered lines, an end to keeping."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, F, Max, Q, Sum
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoping import scopes_disabled
from chat.bubble.loader_check import find_before_click
from chat.models import Chat, Message, Note, Visitor
from chat.personal_data import PAGE_DAYS, expired_chats
from chat.realtime.gaps import read_gap
from chat.window import handoff
from core.looking import own_files
from core.promises import Evidence, build, probe
from core.redaction import mask_secrets
from facts.models import Fact, Goal, Kind
from operators.models import Operator

# in the chat's window: what the operator sees, the preview and its switch, the receipt, download and delete
NOTICES = (
    'id="page-notice"', 'data-do="seen"', 'id="peek"', 'id="peek-switch"', 'id="keeps"', 'data-do="download"',
    'data-do="delete"',
)  # fmt: skip
LOADER = Path("static/widget/loader.js")
GRACE = timedelta(days=2)  # the nightly job may miss a night
LOOKED_THROUGH = 5000
COUNTED = 500  # goals and ratings
COUNTED_SINCE = timedelta(days=300)  # older facts may be gone before their chat is
LONGEST_WINDOW = timedelta(days=30)
NEWEST = 2000  # chats whose numbering is looked at
WRITES = re.compile(r"\bactions?\b|\blive\.act\b|\bpost|\.save\(|\.create\(|\.update\(")
HANDLER = re.compile(r"    async def typing\(.*?(?=\n    (?:async )?def |\n    @|\nclass |\Z)", re.DOTALL)
TICKED = re.compile(r"<input\b[^>]*\bchecked")  # in a template
PREVIEW = re.compile(r"(^|_)(preview|draft|typing|keystroke|unsent|peek)(_|$)")


@probe(
    "loader_keeps_nothing",
    rows=("P9",),
    how=gettext_lazy("Reads the button's script: what runs before a click may not store, send or load anything."),
)
def loader_keeps_nothing() -> Evidence:
    source = (Path(settings.BASE_DIR) / LOADER).read_text(encoding="utf-8")
    found = find_before_click(source)
    figure = _("%(size)d bytes of script, %(found)d places that store or send before a click") % {
        "size": len(source.encode()),
        "found": len(found),
    }
    return Evidence(not found, figure)


@probe(
    "prefill_by_choice",
    rows=("S92",),
    how=gettext_lazy(
        "Lays down a made-up name for a form, asks with another key and twice with the right one, and looks for it "
        "among the visitors; and reads whether a box of the choice is ticked beforehand."
    ),
)
def prefill_by_choice() -> Evidence:
    key, other, name = (secrets.token_urlsafe(32) for _number in range(3))
    handoff.hand_over(handoff.begin(key), {"name": name})
    strangers, once, again = handoff.take(other), handoff.take(key), handoff.take(key)
    with scopes_disabled():  # of a made-up name in all accounts
        stored = Visitor.objects.filter(name=name).count()
    source = get_template("chat/prefill.html").template.source  # type: ignore[attr-defined]  # the Django engine has it
    ticked = len(TICKED.findall(source))
    figure = _("%(strangers)d read by another key, %(again)d read twice, %(stored)d stored, %(ticked)d ticked") % {
        "strangers": strangers is not None,
        "again": again is not None,
        "stored": stored,
        "ticked": ticked,
    }
    return Evidence(once == {"name": name} and (strangers, again, stored, ticked) == (None, None, 0, 0), figure)


build(
    "nothing_before_the_click",
    rows=("P9",),
    how=gettext_lazy("Opens a page with the button in a real browser that blocks third-party storage, and watches it."),
)
build(
    "board_asks_first",
    rows=("S28", "P14", "P16"),
    how=gettext_lazy(
        "Says no and yes at the button as a visitor, looks at the board and the receipt, and switches it off again."
    ),
)
build(
    "visitor_receipt",
    rows=("P9", "S14"),
    how=gettext_lazy(
        "Opens a chat as a visitor, reads what it keeps, downloads it, deletes it, and looks for the rest."
    ),
)


@probe(
    "preview_not_kept",
    rows=("P14",),
    how=gettext_lazy(
        "Looks for a column that could hold unsent text, and for a write where the preview passes through."
    ),
)
def preview_not_kept() -> Evidence:
    models = (Chat, Message, Visitor)
    columns = [field.name for model in models for field in model._meta.concrete_fields if PREVIEW.search(field.name)]
    columns = [name for name in columns if name != "peek_allowed"]  # the visitor's switch, not a text
    handlers = [
        body
        for _path, text in own_files(".py", below="chat/consumers")
        for body in re.findall(
            r"    async def typing\(.*?(?=\n    (?:async )?def |\n    @|\nclass |\Z)", text, re.DOTALL
        )
    ]
    writing = [body for body in handlers if WRITES.search(body)]
    figure = _("%(columns)d columns, %(writing)d writes in %(handlers)d places") % {
        "columns": len(columns),
        "writing": len(writing),
        "handlers": len(handlers),
    }
    return Evidence(bool(handlers) and not columns and not writing, figure)


@probe(
    "visitor_told",
    rows=("S28", "P14"),
    how=gettext_lazy("Reads the chat's window: it must say what the operator sees, with a switch and the receipt."),
)
def visitor_told() -> Evidence:
    source = get_template("chat/frame.html").template.source  # type: ignore[attr-defined]  # the Django engine has it
    missing = [mark for mark in NOTICES if mark not in source]
    figure = _("%(found)d of %(wanted)d notices") % {"found": len(NOTICES) - len(missing), "wanted": len(NOTICES)}
    return Evidence(not missing, figure)


@probe(
    "messages_numbered",
    rows=("S25",),
    how=gettext_lazy("Counts the lines of the newest 2,000 chats and compares with their numbers; a hole is a loss."),
)
def messages_numbered() -> Evidence:
    with scopes_disabled():  # counts over the whole site, no content is read
        newest = Chat.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST]
        oldest = min(newest, default=0)
        chats = Chat.objects.filter(pk__gte=oldest).annotate(lines=Count("messages"), top=Max("messages__seq"))
        holes = chats.filter(~Q(lines=F("last_seq")) | Q(top__gt=F("lines")) | Q(top__lt=F("lines"))).count()
        lines = Message.objects.filter(chat_id__gte=oldest).count() if oldest else 0
    figure = _("%(lines)d lines in %(chats)d chats, %(holes)d chats with a hole") % {
        "lines": lines,
        "chats": len(newest),
        "holes": holes,
    }
    return Evidence(not holes, figure)


@probe(
    "secrets_masked",
    rows=("P15", "S13"),
    how=gettext_lazy("Looks through the newest 5,000 messages and notes for card numbers, IBANs and keys in full."),
)
def secrets_masked() -> Evidence:
    with scopes_disabled():  # a machine looks, and answers with a number
        texts = [
            text
            for model in (Message, Note)
            for text in model.objects.order_by("-pk").values_list("text", flat=True)[:LOOKED_THROUGH]
        ]
    left = sum(mask_secrets(text) != text for text in texts)
    figure = _("%(left)d of %(texts)d texts with a number or key in full") % {"left": left, "texts": len(texts)}
    return Evidence(not left, figure)


@probe(
    "chats_end",
    rows=("S26",),
    how=gettext_lazy("Looks for closed chats that are kept longer than their account chose."),
)
def chats_end() -> Evidence:
    with scopes_disabled():  # counts over the whole site, no content is read
        late, closed = expired_chats(timezone.now() - GRACE).count(), Chat.objects.filter(state="closed").count()
    return Evidence(
        not late, _("%(late)d of %(closed)d closed chats over their time") % {"late": late, "closed": closed}
    )


@probe(
    "addresses_end",
    rows=("S14", "P17"),
    how=gettext_lazy("Looks for IP addresses and pages of visitors that are kept longer than 30 days."),
)
def addresses_end() -> Evidence:
    before = timezone.now() - timedelta(days=PAGE_DAYS) - GRACE
    holding = Q(ip_address__isnull=False) | ~Q(page_url="") | ~Q(page_title="") | ~Q(referrer="")
    with scopes_disabled():  # counts over the whole site, no content is read
        holders = Visitor.objects.filter(holding)
        late, kept = holders.filter(seen_at__lt=before).count(), holders.count()
        late += Chat.objects.filter(~Q(page_url="") | ~Q(page_title=""), last_at__lt=before).count()
    return Evidence(
        not late, _("%(kept)d visitors with a page or address, %(late)d too old") % {"kept": kept, "late": late}
    )


@probe(
    "gap_meter",
    rows=("P18",),
    how=gettext_lazy("Adds up what each web process of this machine noted within the last 30 seconds of its readers."),
)
def gap_meter() -> Evidence:
    gap = read_gap()
    figure = _("%(late)d of %(sockets)d connections over ten seconds late, %(processes)d processes") % {
        "late": gap.late,
        "sockets": gap.sockets,
        "processes": gap.processes,
    }
    return Evidence(not gap.late, figure)


# ---- What is counted of chats ---------------------------------------------------------------------------
@probe(
    "goals_of_chats",
    rows=("S20",),
    how=gettext_lazy(
        "Looks at the newest 500 goals that were counted: each belongs to a goal and a chat of the same account, which "
        "began before and had its last line at most 30 days before, and no goal counts twice for a chat."
    ),
)
def goals_of_chats() -> Evidence:
    with scopes_disabled():  # counts over the whole site, no content is read
        reached = Fact.objects.filter(kind=Kind.GOAL, count__gt=0, at__gte=timezone.now() - COUNTED_SINCE)
        facts = list(reached.order_by("-pk").values_list("account_id", "chat_ref", "name", "at")[:COUNTED])
        chats = Chat.objects.in_bulk({chat for _account, chat, _name, _at in facts})
        goals = dict(Goal.objects.filter(pk__in={int(fact[2]) for fact in facts}).values_list("pk", "account_id"))
    wrong = len(facts) - len({fact[:3] for fact in facts})
    for account, key, name, at in facts:
        chat = chats.get(key)  # None: deleted since
        is_near = chat is None or chat.started_at <= at <= chat.last_at + LONGEST_WINDOW
        wrong += goals.get(int(name)) != account or not is_near or (chat is not None and chat.account_id != account)
    figure = _("%(goals)d goals reached, %(wrong)d without a chat that led to them") % {
        "goals": len(facts),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


@probe(
    "rated_once",
    rows=("S24",),
    how=gettext_lazy("Compares the newest 500 ratings of chats with what is counted: one for each chat, and the same."),
)
def rated_once() -> Evidence:
    since = timezone.now() - COUNTED_SINCE
    kinds = {Kind.RATED_GOOD: Chat.Rating.GOOD, Kind.RATED_BAD: Chat.Rating.BAD}
    with scopes_disabled():  # counts over the whole site, no content is read
        rated = Chat.objects.filter(started_at__gte=since).exclude(rating="").order_by("-pk")
        counted = Fact.objects.filter(kind__in=kinds, at__gte=since, chat_ref__gt=0)
        keys = {*rated.values_list("pk", flat=True)[:COUNTED]}
        keys |= {*counted.order_by("-pk").values_list("chat_ref", flat=True)[:COUNTED]}
        ratings = dict(Chat.objects.filter(pk__in=keys, started_at__gte=since).values_list("pk", "rating"))
        sums = Fact.objects.filter(chat_ref__in=ratings, kind__in=kinds).order_by().values("chat_ref", "kind")
        found: dict[int, list[str]] = {}
        for chat, kind, times in sums.annotate(times=Sum("count")).values_list("chat_ref", "kind", "times"):
            found.setdefault(chat, []).extend([kinds[Kind(kind)]] * times)
    wrong = sum(found.get(chat, []) != ([rating] if rating else []) for chat, rating in ratings.items())
    figure = _("%(ratings)d chats with a rating, %(wrong)d counted otherwise") % {
        "ratings": sum(bool(rating) for rating in ratings.values()),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


@probe(
    "load_counted",
    rows=("S27",),
    how=gettext_lazy("Counts the open chats of every operator again and compares with the number that the team sees."),
)
def load_counted() -> Evidence:
    with scopes_disabled():  # counts over the whole site, no content is read
        open_now = Count("chats", filter=Q(chats__state=Chat.State.OPEN))
        newest = Operator.objects.exclude(membership=None).order_by("-pk").annotate(open_now=open_now)
        loads = list(newest.values_list("open_chats", "open_now")[:NEWEST])
    wrong = sum(said != counted for said, counted in loads)
    figure = _("%(operators)d operators, %(wrong)d with another load than shown") % {
        "operators": len(loads),
        "wrong": wrong,
    }
    return Evidence(not wrong, figure)


build(
    "queue_limits",
    rows=("S22",),
    how=gettext_lazy(
        "Fills a queue, takes chats at once with many operators, and looks at places, limits of operators and groups, "
        "and what happens when nobody answers."
    ),
)
