"""Writes about who a visitor is and who sees them: consent to the board, signed identity, where the chat was opened."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from chat.bubble.identity import Identity, read_token
from chat.models import BoardReceipt, Visitor, Widget
from chat.queries import find_chat_settings
from chat.realtime.protocol import clean_text, iso
from chat.window.languages import known_language
from chat.window.seen import ask_to_be_seen
from core.errors import Refused, not_found

SEEN_GAP = timedelta(minutes=1)  # a website that is opened often is not written down each time
TOKEN_SECONDS = 660  # as long as a token can be good


@transaction.atomic
def allow_seeing(*, visitor_pk: int, on: bool, asked: bool = False, language: str = "") -> bool:
    """Switches being seen on or off; a yes to the bubble's question (`asked`) is stored with its receipt (P14, P16).

    Off ends a receipt at once; on in the window means while chatting, as the window says, and needs none. A no on
    the bubble never comes here: nothing is kept of it. Answers whether the visitor may be listed without a chat.
    Raises Refused `not_found`.
    """
    visitor = Visitor.objects.select_for_update(of=("self",)).select_related("account").filter(pk=visitor_pk).first()
    if visitor is None:
        raise not_found()
    Visitor.objects.filter(pk=visitor_pk).update(seen_allowed=on)
    in_force = BoardReceipt.objects.filter(visitor=visitor, withdrawn_at=None)
    if not on:
        in_force.update(withdrawn_at=timezone.now())
        return False
    if not in_force.exists():
        if not asked or not find_chat_settings(visitor.account).board_on:
            return False
        with translation.override(known_language(language) or visitor.language or "en"):
            text = ask_to_be_seen(visitor.account.company)[:400]
        BoardReceipt.objects.create(
            account_id=visitor.account_id, visitor=visitor, text=text, channel=BoardReceipt.Channel.BUBBLE,
            text_hash=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip
    return True


@transaction.atomic
def identify_visitor(*, visitor_pk: int, token: str) -> Identity:
    """Notes who the website says a visitor is; name and e-mail are for the form and are stored when it is sent (S92).

    A token is good once: for another visitor it is refused. Raises Refused `bad_token`, `not_found`.
    """
    visitor = Visitor.objects.select_related("widget").filter(pk=visitor_pk).first()
    if visitor is None:
        raise not_found()
    found = read_token(visitor.widget, token)
    used = f"identity:{hashlib.sha256(f'{visitor.widget_id}:{found.token_id}'.encode()).hexdigest()}"
    if not cache.add(used, visitor_pk, TOKEN_SECONDS) and cache.get(used) != visitor_pk:
        raise Refused("bad_token", _("The token was used already. Make a fresh one for each page."))
    subject = _line(found.subject, 120)
    if not subject:
        raise Refused("bad_token", _("sub, jti, name and email are texts; sub and jti may not be empty."))
    Visitor.objects.filter(pk=visitor_pk).update(external_id=subject, identified_at=timezone.now())
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
