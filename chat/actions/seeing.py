"""Writes about who a visitor is and who sees them: consent to the board, signed identity, where the chat was opened."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.scoping import scopes_disabled
from chat.bubble.identity import Identity, read_token
from chat.models import KNOWN, BoardReceipt, Visitor, Widget
from chat.queries import find_chat_settings
from chat.realtime.protocol import clean_text, iso
from chat.window.languages import known_language
from chat.window.seen import ask_to_be_seen
from core.errors import Refused, not_found
from core.realtime import control_here_on_commit, publish_on_commit
from policies.actions import give_consent, withdraw_consent
from policies.models import Receipt

BEING_SEEN = "chat.seen"  # the purpose of its receipt
SEEN_GAP = timedelta(minutes=1)  # a website that is opened often is not written down each time
TOKEN_SECONDS = 660  # as long as a token can be good


@transaction.atomic
def allow_seeing(*, visitor_pk: int, on: bool, asked: bool = False, language: str = "") -> bool:
    """Switches being seen on or off; a yes to the bubble's question (`asked`) is stored with its receipt (P14, P16).

    Off ends a receipt at once; on in the window means while chatting, as the window says, and needs none. A no on
    the bubble never comes here: nothing is kept of it. Answers whether the visitor may be listed without a chat.
    Raises Refused `not_found`.
    """
    known = Visitor.objects.select_for_update(of=("self",)).select_related("account").filter(KNOWN)
    visitor = known.filter(pk=visitor_pk).first()
    if visitor is None:
        raise not_found()
    subject = f"visitor:{visitor_pk}"
    if not on:
        _hide(visitor_pk)  # first: the window that asks gets its answer from its own door
        withdraw_consent(subject=subject, purpose=BEING_SEEN, channel=Receipt.Channel.CHAT)
        return False
    Visitor.objects.filter(pk=visitor_pk).update(seen_allowed=True)
    in_force = BoardReceipt.objects.filter(visitor=visitor, withdrawn_at=None)
    if not in_force.exists():
        if not asked or not find_chat_settings(visitor.account).board_on:
            return False
        with translation.override(known_language(language) or visitor.language or "en"):
            text = ask_to_be_seen(visitor.account.company)[:400]
        BoardReceipt.objects.create(
            account_id=visitor.account_id, visitor=visitor, text=text, channel=BoardReceipt.Channel.BUBBLE,
            text_hash=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip
        give_consent(subject=subject, purpose=BEING_SEEN, text=text, channel=Receipt.Channel.CHAT)
    return True


def end_seeing(subject: str) -> None:
    """The yes of "visitor:12" was taken back, on whatever page: gone from every board at once, and the window says so.

    Called by `withdraw_consent`, inside its transaction.
    """
    noun, _colon, key = subject.partition(":")
    if noun == "visitor" and key.isdecimal():
        with scopes_disabled():
            if not _hide(int(key)):
                return
        control_here_on_commit("visitor_state", {"visitor": int(key), "hidden": True, "listed": False})
        publish_on_commit([f"visitor:{key}"], {"t": "set", "seen": False, "listed": False})


def _hide(visitor_pk: int) -> bool:
    """Answers whether a yes was in force."""
    Visitor.objects.filter(pk=visitor_pk).update(seen_allowed=False)
    in_force = BoardReceipt.objects.filter(visitor=visitor_pk, withdrawn_at=None)
    return bool(in_force.update(withdrawn_at=timezone.now()))


@transaction.atomic
def identify_visitor(*, visitor_pk: int, token: str) -> Identity:
    """Notes who the website says a visitor is; name and e-mail are for the form and are stored when it is sent (S92).

    A token is good once: for another visitor it is refused. Raises Refused `bad_token`, `not_found`.
    """
    visitor = Visitor.objects.select_related("widget").filter(KNOWN, pk=visitor_pk).first()
    if visitor is None:
        raise not_found()
    found = read_token(visitor.widget, token)
    used = f"identity:{hashlib.sha256(f'{visitor.widget_id}:{found.token_id}'.encode()).hexdigest()}"
    if not cache.add(used, visitor_pk, TOKEN_SECONDS) and cache.get(used) != visitor_pk:
        raise Refused("bad_token", _("The token was used already. Make a fresh one for each page."))
    subject = _line(found.subject, 120)
    if not subject:
        raise Refused("bad_token", _("sub, jti, name and email are texts; sub and jti may not be empty."))
    Visitor.objects.filter(KNOWN, pk=visitor_pk).update(external_id=subject, identified_at=timezone.now())
    return Identity(subject, _line(found.name, 80), _line(found.email, 254), found.token_id, found.ends_at)


@transaction.atomic
def note_opened_on(*, widget: Widget, url: str) -> None:
    """Notes that the chat was opened on one of the widget's own websites, at most once a minute."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if origin not in widget.allowed_origins:
        return
    now = timezone.now()
    before = widget.seen_on.get(origin)
    if before and now - datetime.fromisoformat(before).astimezone(UTC) < SEEN_GAP:
        return
    seen = {name: at for name, at in widget.seen_on.items() if name in widget.allowed_origins}
    Widget.objects.filter(pk=widget.pk).update(seen_on={**seen, origin: iso(now)})


def _line(text: str, length: int) -> str:
    text = text.encode("utf-8", "ignore").decode()  # no half of a surrogate pair
    return " ".join(clean_text(text).split())[:length]
