"""Tags as screens and sockets show them: what they are called, how they are read."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from chat.models import Chat, ChatTag, Tag
from chat.realtime.protocol import clean_text
from core.errors import Refused, not_found

LONGEST = 40
MOST_IN_AN_ACCOUNT = 500
MOST_ON_A_CHAT = 20


def clean_tag(text: str) -> str:
    """A tag as it is stored, in one line. Raises Refused: `empty`, `too_long`."""
    name = " ".join(clean_text(text).split())
    if not name:
        raise Refused("empty", _("Write a word for the tag."))
    if len(name) > LONGEST:
        raise Refused("too_long", _("A tag can have %(count)d characters.") % {"count": LONGEST})
    return name


def read_tags(chats: "Iterable[Chat]") -> "list[Chat]":
    """The chats, each with its tags read along: in one more statement, without a row object for each tag."""
    found = list(chats)
    names: dict[int, list[str]] = {chat.pk: [] for chat in found}
    for chat_pk, name in ChatTag.objects.filter(chat_id__in=list(names)).values_list("chat_id", "tag__name"):
        names[chat_pk].append(name)
    for chat in found:
        chat.tag_names = sorted(names[chat.pk], key=str.casefold)
    return found


def names_of(chat: Chat) -> list[str]:
    """The tags of a chat in their order; reads them where `read_tags` did not."""
    if chat.tag_names is not None:
        return chat.tag_names
    return sorted(ChatTag.objects.filter(chat=chat).values_list("tag__name", flat=True), key=str.casefold)


def known_names_of(chat: Chat) -> list[str] | None:
    """The same where the tags were read along; None where they were not, and nothing is read now."""
    return chat.tag_names


def list_names() -> list[str]:
    """Every tag of the account in scope, by name."""
    return list(Tag.objects.order_by(Lower("name"), "pk").values_list("name", flat=True))


def list_tags() -> "list[Any]":
    """Every tag of the account in scope with `chats`, the number of its chats."""
    return list(Tag.objects.annotate(chats=Count("tagged")).order_by(Lower("name"), "pk"))


def find_tag_for(membership: Membership, pk: int) -> Tag:
    """A tag of the asker's own account. Raises Refused `not_found`."""
    found = Tag.of(membership.account).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found
