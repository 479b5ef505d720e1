"""The mail to an account's owners that nobody took a chat; no word of the visitor is in it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.links import absolute
from accounts.models import Membership
from accounts.outbound import address_of
from chat.models import Chat
from core.outbound import Letter


def load_alarms(rows: Sequence[Any]) -> dict[int, Letter]:
    """How long the chat waits now, and a link to it; none for a chat that somebody took meanwhile."""
    every = Chat.objects.with_scopes_disabled()  # each row names its chat, the chat its account
    chats = every.select_related("account").in_bulk([row.payload["chat"] for row in rows])
    owners = {
        (f"user:{one.user_id}", one.account_id): one.user
        for one in Membership.objects.select_related("user").filter(
            account__in=[chat.account_id for chat in chats.values()],
            role=Membership.Role.OWNER,
            user__is_active=True,
        )
    }
    letters = {}
    for row in rows:
        chat = chats.get(row.payload["chat"])
        if chat is None or chat.state != Chat.State.WAITING or chat.by_mail:
            continue
        user = owners.get((row.recipient, chat.account_id))
        if user is not None:
            context = {
                "name": user.name,
                "company": chat.account.company,
                "minutes": max(1, round((timezone.now() - chat.queued_at).total_seconds() / 60)),
                "others": row.payload["count"] - 1,
                "url": absolute(reverse("chat:chat", args=[chat.public_id])),
                "settings_url": absolute(reverse("chat:routing")),
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters
