"""The widget of an account: its origins, name and colour."""

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from accounts.scoping import account_scope
from accounts.sealing import seal
from audit.actions import record
from chat.bubble.greetings import check_greetings
from chat.bubble.script import check_weight
from chat.models import Widget
from chat.window.colours import choose_brand
from chat.window.prechat import check_form, read_form
from core.errors import Refused, not_found
from core.realtime import close_room_sockets

MOST_WIDGETS = 20
EDITABLE = {
    "name", "allowed_origins", "brand_colour", "greeting", "ask_thirteen", "position", "language", "greetings",
    "form",
}  # fmt: skip


def origin_of(address: str) -> str:
    """Scheme, host and port of a web address, lower case. Raises Refused `bad_origin`."""
    address = address.strip()
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host):
        raise Refused(
            "bad_origin", _("“%(value)s” is not a web address like https://shop.example") % {"value": address[:80]}
        )
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


@transaction.atomic
def ensure_widget(*, account: Account) -> Widget:
    """The account's first widget, made from its website when there is none."""
    with account_scope(account):
        Account.objects.select_for_update().get(pk=account.pk)
        found = Widget.objects.filter(removed_at=None).order_by("pk").first()
        if found is not None:
            return found
        origins = [origin_of(account.website)] if account.website else []
        return Widget.objects.create(account=account, name=account.company, allowed_origins=origins)


@transaction.atomic
def add_widget(*, by: Membership, website: str) -> Widget:
    """Adds a website with a key, origins and look of its own. Raises Refused `bad_origin`, `too_many`, `not_found`."""
    if not can(by, "widget.edit"):
        raise not_found()
    origin = origin_of(website)
    account = Account.objects.select_for_update().get(pk=by.account_id)
    with account_scope(account):
        if Widget.objects.filter(removed_at=None).count() >= MOST_WIDGETS:
            raise Refused("too_many", _("An account can have %(count)d websites.") % {"count": MOST_WIDGETS})
        name = urlsplit(origin).hostname or origin
        widget: Widget = Widget.objects.create(account=account, name=name[:120], allowed_origins=[origin])
    _log(widget, by, "widget.added", {})
    return widget


@transaction.atomic
def remove_widget(*, widget: Widget, by: Membership) -> None:
    """Removes a website: its key opens nothing from now on; its chats stay until their days are over.

    Raises Refused `last_widget`: an account has at least one; `not_found` for who may not, and when it is gone.
    """
    if widget.account_id != by.account_id or not can(by, "widget.edit"):
        raise not_found()
    account = Account.objects.select_for_update().get(pk=by.account_id)
    with account_scope(account):
        here = Widget.objects.filter(removed_at=None)
        if not here.exclude(pk=widget.pk).exists():
            raise Refused("last_widget", _("This is the only website. Add another one first."))
        if not here.filter(pk=widget.pk).update(removed_at=timezone.now()):
            raise not_found()
    close_room_sockets(f"widget:{widget.pk}")  # who has the chat open there hears that it is gone
    _log(widget, by, "widget.removed", {})


@transaction.atomic
def change_widget(*, widget: Widget, by: Membership, **changes: Any) -> Widget:
    """Changes what a website shows and where. Raises Refused `bad_origin`, `bad_colour`, BadGreeting, FormRefused,
    `too_many`, `too_heavy`.
    """
    unknown = set(changes) - EDITABLE
    if unknown:
        raise ValueError(f"not editable: {unknown}")
    if "allowed_origins" in changes:
        changes["allowed_origins"] = list(dict.fromkeys(origin_of(value) for value in changes["allowed_origins"]))
    if "brand_colour" in changes:
        choose_brand(changes["brand_colour"])
    if "form" in changes:
        changes["form"] = check_form(read_form(changes["form"])).stored()
    if "greetings" in changes:
        changes["greetings"] = check_greetings(changes["greetings"])
    for name, value in changes.items():
        setattr(widget, name, value)
    if "greetings" in changes:
        check_weight(widget)
    widget.save(update_fields=list(changes))
    _log(widget, by, "widget.changed", {"fields": sorted(changes)})
    return widget


@transaction.atomic
def make_identity_secret(*, widget: Widget, by: Membership) -> str:
    """A new secret for `identify`, answered this once; the one before works no longer. Raises Refused `not_found`."""
    if widget.account_id != by.account_id or not can(by, "widget.edit"):
        raise not_found()
    secret = secrets.token_urlsafe(32)
    widget.identity_secret = seal(secret)
    with account_scope(by.account):
        widget.save(update_fields=["identity_secret"])
    _log(widget, by, "widget.secret_made", {})
    return secret


@transaction.atomic
def forget_identity_secret(*, widget: Widget, by: Membership) -> None:
    """Removes the secret of `identify`: no token means anything any more. Raises Refused `not_found`."""
    if widget.account_id != by.account_id or not can(by, "widget.edit"):
        raise not_found()
    widget.identity_secret = ""
    with account_scope(by.account):
        widget.save(update_fields=["identity_secret"])
    _log(widget, by, "widget.secret_removed", {})


def _log(widget: Widget, by: Membership, action: str, facts: dict[str, Any]) -> None:
    record(
        account_ref=widget.account_id,
        actor=f"user:{by.user_id}",
        action=action,
        facts={"widget": widget.pk, **facts},
    )
