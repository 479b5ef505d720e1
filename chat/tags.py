"""Tags as screens and sockets show them: what they are called, how they are read."""

from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from chat.models import Chat, ChatTag, Tag
from chat.protocol import clean_text
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


def with_tags(chats: "QuerySet[Chat]") -> "QuerySet[Chat]":
    """The chats with their tags read along, in one more statement."""
    return chats.prefetch_related(Prefetch("tagged", ChatTag.objects.select_related("tag")))


def names_of(chat: Chat) -> list[str]:
    """The tags of a chat in their order; reads them where `with_tags` did not."""
    if "tagged" in getattr(chat, "_prefetched_objects_cache", {}):
        return sorted((one.tag.name for one in chat.tagged.all()), key=str.casefold)
    return sorted(ChatTag.objects.filter(chat=chat).values_list("tag__name", flat=True), key=str.casefold)


def known_names_of(chat: Chat) -> list[str] | None:
    """The same where the tags were read along; None where they were not, and nothing is read now."""
    return names_of(chat) if "tagged" in getattr(chat, "_prefetched_objects_cache", {}) else None


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
