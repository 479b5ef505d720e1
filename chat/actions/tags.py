"""Tags: on and off a chat, and the account's list of them (S26)."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from audit.actions import record
from chat.actions.recording import note_tagged
from chat.desk.tags import MOST_IN_AN_ACCOUNT, MOST_ON_A_CHAT, clean_tag, names_of, read_tags
from chat.models import Chat, ChatTag, Tag
from core.errors import Refused, not_found
from core.realtime import publish_on_commit
from operators.models import Operator


@transaction.atomic
def tag_chat(*, operator: Operator, chat_pk: int, name: str) -> list[str]:
    """Puts a tag on a chat, open or ended, and makes it where the account has none of that name; again is harmless.

    Answers the chat's tags. Raises Refused: `empty`, `too_long`, `too_many` (20 on a chat, 500 in an account).
    """
    chat = _lock(chat_pk)
    tag = _ensure_tag(operator.account, clean_tag(name))
    on = ChatTag.objects.filter(chat=chat)
    if not on.filter(tag=tag).exists():
        if on.count() >= MOST_ON_A_CHAT:
            raise Refused("too_many", _("A chat can have %(count)d tags.") % {"count": MOST_ON_A_CHAT})
        ChatTag.objects.create(account_id=chat.account_id, chat=chat, tag=tag, operator=operator)
        note_tagged(chat, tag_pk=tag.pk, on=True)
    return _tell(chat)


@transaction.atomic
def untag_chat(*, chat_pk: int, name: str) -> list[str]:
    """Takes a tag off a chat; a tag that is not there is no mistake. Answers the chat's tags."""
    chat = _lock(chat_pk)
    there = ChatTag.objects.filter(chat=chat, tag__name__iexact=clean_tag(name)).first()
    if there is not None:
        there.delete()
        note_tagged(chat, tag_pk=there.tag_id, on=False)
    return _tell(chat)


@transaction.atomic
def add_tag(*, by: Membership, name: str) -> Tag:
    """Adds a tag to the account's list. Raises Refused: `empty`, `too_long`, `too_many`, `taken`, `not_found`."""
    _check_right(by)
    name = clean_tag(name)
    if _find(name) is not None:
        raise _taken(name)
    return _ensure_tag(by.account, name)


@transaction.atomic
def rename_tag(*, by: Membership, tag: Tag, name: str) -> Tag:
    """Gives a tag another name. Raises Refused: `empty`, `too_long`, `taken`, `not_found`."""
    _check_right(by)
    name = clean_tag(name)
    other = _find(name)
    if other is not None and other.pk != tag.pk:
        raise _taken(name)
    try:
        with transaction.atomic():
            Tag.objects.filter(pk=tag.pk).update(name=name)
    except IntegrityError as problem:  # a colleague was faster
        raise _taken(name) from problem
    tag.name = name
    _tell_all(Chat.objects.filter(tagged__tag=tag))
    _log(by, "tag.renamed", tag, {})
    return tag


@transaction.atomic
def merge_tags(*, by: Membership, tag: Tag, into: Tag) -> int:
    """Moves the chats of one tag to another and deletes the first. Answers how many chats moved.

    Raises Refused: `same`, `not_found`.
    """
    _check_right(by)
    if tag.pk == into.pk:
        raise Refused("same", _("Choose another tag to merge with."))
    chats = list(Chat.objects.filter(tagged__tag=tag).exclude(state=Chat.State.CLOSED).values_list("pk", flat=True))
    there = ChatTag.objects.filter(tag=into).values("chat_id")
    moved = ChatTag.objects.filter(tag=tag).exclude(chat_id__in=there).update(tag=into)
    _log(by, "tag.merged", tag, {"into": into.pk, "chats": moved})
    tag.delete()
    _tell_all(Chat.objects.filter(pk__in=chats))
    return moved


@transaction.atomic
def delete_tag(*, by: Membership, tag: Tag) -> int:
    """Deletes a tag from the account and from every chat. Answers from how many. Raises Refused `not_found`."""
    _check_right(by)
    chats = list(Chat.objects.filter(tagged__tag=tag).exclude(state=Chat.State.CLOSED).values_list("pk", flat=True))
    count = ChatTag.objects.filter(tag=tag).count()
    _log(by, "tag.deleted", tag, {"chats": count})
    tag.delete()
    _tell_all(Chat.objects.filter(pk__in=chats))
    return count


def _lock(chat_pk: int) -> Chat:
    chat = Chat.objects.select_for_update(of=("self",)).filter(pk=chat_pk).first()
    if chat is None:
        raise not_found()
    return chat


def _find(name: str) -> Tag | None:
    return Tag.objects.filter(name__iexact=name).first()


def _ensure_tag(account: Account, name: str) -> Tag:
    found = _find(name)
    if found is not None:
        return found
    if Tag.objects.count() >= MOST_IN_AN_ACCOUNT:
        raise Refused("too_many", _("An account can have %(count)d tags.") % {"count": MOST_IN_AN_ACCOUNT})
    try:
        with transaction.atomic():
            return Tag.objects.create(account=account, name=name)
    except IntegrityError:  # a colleague made it at this moment
        return Tag.objects.get(name__iexact=name)


def _tell(chat: Chat) -> list[str]:
    names = names_of(chat)
    publish_on_commit([f"account:{chat.account_id}"], {"t": "tags", "chat": str(chat.public_id), "tags": names})
    return names


def _tell_all(chats: Iterable[Chat]) -> None:
    """Consoles show live chats only; for those the change is told."""
    for chat in read_tags(chats.exclude(state=Chat.State.CLOSED)):  # type: ignore[attr-defined]  # a queryset
        _tell(chat)


def _check_right(by: Membership) -> None:
    if not can(by, "tags.edit"):
        raise not_found()


def _taken(name: str) -> Refused:
    return Refused("taken", _("There is a tag “%(name)s” already. Merge the two instead.") % {"name": name}, status=409)


def _log(by: Membership, action: str, tag: Tag, facts: dict[str, int]) -> None:
    record(account_ref=by.account_id, actor=f"user:{by.user_id}", action=action, facts={"tag": tag.pk, **facts})
