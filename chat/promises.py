"""Promises that chat keeps: nothing before the click, previews never stored, numbered lines, an end to keeping."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, F, Max, Q
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

# in the chat's window: what the operator sees, the preview and its switch, the receipt, download and delete
NOTICES = (
    'id="page-notice"', 'data-do="seen"', 'id="peek"', 'id="peek-switch"', 'id="keeps"', 'data-do="download"',
    'data-do="delete"',
)  # fmt: skip
LOADER = Path("static/widget/loader.js")
GRACE = timedelta(days=2)  # the nightly job may miss a night
LOOKED_THROUGH = 5000
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
