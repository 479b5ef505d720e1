"""Visitors: opening the widget, what they allow, and deleting everything about them."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.actions.erasing import erase_at_once, on_hold
from accounts.models import Account, Membership
from accounts.roles import can
from audit.actions import forget_subjects, record
from chat.models import KNOWN, Chat, Visitor, Widget
from core.erased import remember_erased, whole_of, word_of
from core.errors import not_found
from core.personal_data import Subject, SubjectRef, held_keys
from core.realtime import publish_on_commit
from core.secret_links import hash_secret

VISIT_GAP = timedelta(minutes=30)  # a return after it counts as another visit


@transaction.atomic
def open_widget(
    *, widget: Widget, visitor: Visitor | None, device: dict[str, Any], page: dict[str, str], language: str = ""
) -> tuple[Visitor, str]:
    """Makes the visitor who opened the chat, or counts the visit of a known one; answers a fresh secret (P9).

    The secret before the last one stops working. `device` holds browser, system and ip_address, `page` url, title
    and referrer; `language` is that of the window.
    """
    account = widget.account
    if visitor is not None:  # as it is now: two windows may open at once, or it may just have been deleted
        visitor = Visitor.objects.select_for_update(of=("self",)).filter(KNOWN, pk=visitor.pk).first()
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    fields = {
        "browser": device["browser"][:60], "system": device["system"][:60], "ip_address": device["ip_address"],
        "page_url": page["url"][:500], "page_title": page["title"][:200], "seen_at": now,
        "secret_hash": hash_secret(secret),
    }  # fmt: skip
    if language:
        fields["language"] = language
    if visitor is None:
        Account.objects.select_for_update().get(pk=account.pk)  # numbers are handed out one visitor at a time
        last = Visitor.objects.filter(account=account).aggregate(last=Max("number"))["last"] or 0
        visitor = Visitor.objects.create(
            account=account,
            widget=widget,
            number=last + 1,
            first_seen_at=now,
            referrer=page["referrer"][:500],
            **fields,
        )
    else:
        visits = F("visits") + 1 if now - visitor.seen_at > VISIT_GAP else F("visits")
        Visitor.objects.filter(pk=visitor.pk).update(previous_secret_hash=visitor.secret_hash, visits=visits, **fields)
        visitor.refresh_from_db()
    return visitor, secret


@transaction.atomic
def allow_peek(*, visitor_pk: int, on: bool) -> None:
    """Switches the preview of typing off or on (P14); the operators' consoles forget what they saw."""
    Visitor.objects.filter(KNOWN, pk=visitor_pk).update(peek_allowed=on)
    for chat in Chat.objects.filter(visitor_id=visitor_pk).exclude(state=Chat.State.CLOSED):
        rooms = [f"chat:{chat.pk}", f"account:{chat.account_id}"]
        publish_on_commit(rooms, {"t": "peek", "chat": str(chat.public_id), "on": on})


@transaction.atomic
def set_email(*, visitor_pk: int, email: str) -> None:
    """The address for answers, as the visitor gave it last; empty: no mail goes there any more (P8)."""
    Visitor.objects.filter(KNOWN, pk=visitor_pk).update(email=email)


@transaction.atomic
def see_page(*, visitor_pk: int, url: str, title: str) -> bool:
    """Notes the page that a visitor with a live chat looks at now, and tells who looks at the chat (S28).

    False, and nothing noted or told, without one.
    """
    chat = Chat.objects.filter(visitor=visitor_pk).exclude(state=Chat.State.CLOSED).only("pk", "public_id").first()
    page = {"url": url[:500], "title": title[:200]}
    seen = Visitor.objects.filter(KNOWN, pk=visitor_pk)
    if chat is None or not seen.update(page_url=page["url"], page_title=page["title"], seen_at=timezone.now()):
        return False
    publish_on_commit([f"chat:{chat.pk}"], {"t": "page", "chat": str(chat.public_id), "page": page})
    return True


@transaction.atomic
def delete_visitor(*, visitor: Visitor, by: Membership | None = None) -> int:
    """Erases a visitor with every chat and message. Answers how many chats it was.

    At the visitor's own wish, as the data map says: texts and files go, and a log without them stays with the company.
    By a member who may: the company deletes its own log whole. Raises Refused `not_found` for a member who may not, and
    `on_hold` while a law makes us keep it. A restored backup erases them again, in the same way.
    """
    if by is not None and (by.account_id != visitor.account_id or not can(by, "visitors.delete")):
        raise not_found()
    if Visitor.objects.select_for_update(of=("self",)).filter(pk=visitor.pk, erased_at=None).first() is None:
        return 0  # a second press; and no chat starts while we are at it
    if visitor.pk in held_keys(Visitor._meta.label):
        raise on_hold()
    chats = Chat.objects.filter(visitor=visitor).count()
    word = word_of(Subject.VISITOR.value, visitor.pk, visitor.public_id)
    remember_erased([word, whole_of(word)] if by else [word])  # a backup does not bring it back
    record(
        account_ref=visitor.account_id, actor=f"user:{by.user_id}" if by else f"visitor:{visitor.pk}",
        subject=f"visitor:{visitor.pk}", action="visitor.deleted", facts={"chats": chats},
    )  # fmt: skip
    erase_at_once(SubjectRef(Subject.VISITOR, visitor.pk), whole=by is not None)
    forget_subjects(subjects=[f"visitor:{visitor.pk}"])  # the entries stay and mean nobody
    return chats
