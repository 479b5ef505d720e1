"""Builders for tests, through the app's own actions."""

import uuid
from typing import Any

from accounts.models import Account, Membership
from accounts.scoping import account_scope, scopes_disabled
from chat.actions import chats, files, visitors
from chat.actions.messages import NewMessage, Posted, post_messages
from chat.actions.widgets import ensure_widget
from chat.models import Attachment, Chat, Visitor, Widget
from operators.actions import ensure_operator
from operators.models import Operator

DEVICE = {"browser": "Firefox 130", "system": "Android 17", "ip_address": "203.0.113.24"}
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PAGE = {"url": "https://acme-bikes.example/cargo/", "title": "Acme Cargo", "referrer": "https://bikeclub.example/rides"}


def make_widget(account: Account) -> Widget:
    """The account's widget."""
    return ensure_widget(account=account)


def make_visitor(account: Account, *, name: str = "", email: str = "", **device: Any) -> Visitor:
    """A visitor who opened the chat; the secret is on `.secret`."""
    widget = make_widget(account)
    with account_scope(account):
        visitor, secret = visitors.open_widget(widget=widget, visitor=None, device={**DEVICE, **device}, page=PAGE)
        if name or email:
            Visitor.objects.filter(pk=visitor.pk).update(name=name, email=email)
            visitor.refresh_from_db()
    visitor.secret = secret  # type: ignore[attr-defined]  # for the test that plays this visitor
    return visitor


def make_operator(membership: Membership) -> Operator:
    """The operator behind a membership."""
    return ensure_operator(membership=membership)


def make_chat(
    account: Account,
    *,
    text: str = "Hello",
    visitor: Visitor | None = None,
    operator: Operator | None = None,
    **visitor_fields: Any,
) -> Chat:
    """A chat with one message; open when an operator is given, else waiting."""
    visitor = visitor or make_visitor(account, **visitor_fields)
    with account_scope(account):
        chat = chats.start_chat(
            visitor=visitor, client_id=uuid.uuid4(), text=text, page_url=PAGE["url"], page_title=PAGE["title"]
        )
        if operator is not None:
            chats.accept_chat(operator=operator, chat_pk=chat.pk)
        return Chat.objects.select_related("visitor", "operator", "account").get(pk=chat.pk)


def say(chat: Chat, text: str, *, operator: Operator | None = None, client_id: uuid.UUID | None = None) -> Posted:
    """Posts one message as the visitor, or as an operator. Raises what the action refuses."""
    from django.db import transaction

    message = NewMessage(
        chat.account_id, chat.pk, client_id or uuid.uuid4(), text,
        operator_pk=operator.pk if operator else None, visitor_pk=None if operator else chat.visitor_id,
    )  # fmt: skip
    with scopes_disabled(), transaction.atomic():
        outcome = post_messages([message])[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def send_file(
    chat: Chat, name: str = "bill.pdf", data: bytes = PDF, *, text: str = "", operator: Operator | None = None
) -> Attachment:
    """A file that was sent in a chat by its visitor, or by an operator."""
    from django.db import transaction

    with account_scope(chat.account):
        held = files.hold_file(chat=chat, name=name, data=data, operator=operator)
        message = NewMessage(
            chat.account_id, chat.pk, uuid.uuid4(), text, operator_pk=operator.pk if operator else None,
            visitor_pk=None if operator else chat.visitor_id,
        )  # fmt: skip
        with transaction.atomic():
            files.post_file(message=message, file_id=held.public_id)
        held.refresh_from_db()
    return held
