"""Saved replies: make, change, delete, count their use (S26)."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from audit.actions import record
from chat.desk.replies import LONGEST_TEXT, check_placeholders, may_edit, read_shortcut
from chat.models import SavedReply
from chat.realtime.protocol import clean_text
from core.errors import Refused, not_found
from operators.models import Group, Operator

MOST_OWN = 200
MOST_SHARED = 500
Scope = SavedReply.Scope


@transaction.atomic
def save_reply(
    *,
    by: Membership,
    operator: Operator,
    shortcut: str,
    text: str,
    scope: str = "personal",
    group_pk: int | None = None,
    reply: SavedReply | None = None,
) -> SavedReply:
    """Makes a saved reply, or changes `reply`. Those of a group or of everybody are for owners and admins.

    Raises Refused: `bad_shortcut`, `empty`, `too_long`, `bad_placeholder`, `bad_group`, `taken`, `too_many`,
    `not_allowed`, `not_found`.
    """
    if reply is not None and not may_edit(operator, by, reply):
        raise not_found()
    word, text = read_shortcut(shortcut), _clean(text)
    owner, group = _place(by, operator, scope, group_pk)
    values: dict[str, Any] = {
        "shortcut": word, "text": text, "scope": scope, "operator": owner, "group": group, "updated_at": timezone.now(),
    }  # fmt: skip
    try:
        with transaction.atomic():
            if reply is None:
                _check_room(by, operator, scope)
                reply = SavedReply.objects.create(account_id=by.account_id, **values)
            else:
                SavedReply.objects.filter(pk=reply.pk).update(**values)
                reply.refresh_from_db()
    except IntegrityError as problem:
        raise Refused(
            "taken", _("There is a saved reply #%(word)s here already. Choose another shortcut.") % {"word": word}
        ) from problem
    if scope != Scope.PERSONAL:
        _log(by, "reply.saved", reply)
    return reply


@transaction.atomic
def delete_reply(*, by: Membership, operator: Operator, reply: SavedReply) -> None:
    """Deletes a saved reply; messages that were sent with it stay. Raises Refused `not_found`."""
    if not may_edit(operator, by, reply):
        raise not_found()
    if reply.scope != Scope.PERSONAL:
        _log(by, "reply.deleted", reply)
    reply.delete()


def count_use(*, reply_id: UUID) -> None:
    """Counts that a saved reply was put into a message."""
    SavedReply.objects.filter(public_id=reply_id).update(uses=F("uses") + 1)


def _clean(text: str) -> str:
    text = clean_text(text.replace("\r\n", "\n"))
    if not text:
        raise Refused("empty", _("Write the text of the reply."))
    if len(text) > LONGEST_TEXT:
        raise Refused("too_long", _("A saved reply can have 5,000 characters. This one has %(n)d.") % {"n": len(text)})
    check_placeholders(text)
    return text


def _place(
    by: Membership, operator: Operator, scope: str, group_pk: int | None
) -> tuple[Operator | None, Group | None]:
    if scope == Scope.PERSONAL:
        return operator, None
    if scope not in Scope.values:
        raise Refused("bad_scope", _("Choose who can use it."))
    if not can(by, "replies.edit"):
        raise Refused("not_allowed", _("Owners and admins make saved replies for others."), status=403)
    if scope == Scope.ACCOUNT:
        return None, None
    group = Group.of(by.account).filter(pk=group_pk).first() if group_pk else None
    if group is None:
        raise Refused("bad_group", _("Choose a group."))
    return None, group


def _check_room(by: Membership, operator: Operator, scope: str) -> None:
    """Locks the account, then counts."""
    Account.objects.select_for_update().get(pk=by.account_id)
    own = scope == Scope.PERSONAL
    rows = SavedReply.objects.filter(operator=operator) if own else SavedReply.objects.exclude(scope=Scope.PERSONAL)
    most = MOST_OWN if own else MOST_SHARED
    if rows.count() >= most:
        raise Refused("too_many", _("There is room for %(count)d. Delete some that nobody uses.") % {"count": most})


def _log(by: Membership, action: str, reply: SavedReply) -> None:
    facts = {"reply": reply.pk, "scope": reply.scope}
    record(account_ref=by.account_id, actor=f"user:{by.user_id}", action=action, facts=facts)
