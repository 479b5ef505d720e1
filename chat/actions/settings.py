"""How an account's chats are given out, and what its visitors are told."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import can
from accounts.scoping import account_scope
from audit.actions import record
from chat.actions.telling import wake_queue
from chat.models import ChatSettings, Widget
from core.errors import Refused, not_found
from operators.models import Group

EDITABLE = {
    "routing", "prefer_known", "reassign_seconds", "alert_seconds", "queue_limit", "board_on", "peek_on",
    "show_operators",
}  # fmt: skip
RANGES = {"reassign_seconds": (10, 3600), "alert_seconds": (10, 86_400), "queue_limit": (1, 10_000)}  # or 0


@transaction.atomic
def change_chat_settings(*, by: Membership, **changes: Any) -> ChatSettings:
    """Changes the settings that are named (chat.models.ChatSettings); 0 seconds mean never, a limit of 0 any number.

    Raises Refused: `not_found` (who may not), `bad_routing`, `bad_number`.
    """
    if not can(by, "routing.edit"):
        raise not_found()
    unknown = set(changes) - EDITABLE
    if unknown:
        raise ValueError(f"not editable: {unknown}")
    if changes.get("routing", ChatSettings.Routing.BY_HAND) not in ChatSettings.Routing.values:
        raise Refused("bad_routing", _("Choose how chats are given out."))
    for name, (least, most) in RANGES.items():
        if changes.get(name, 0) and not least <= changes[name] <= most:
            sentence = _("Enter 0, or a number from %(least)d to %(most)d.") % {"least": least, "most": most}
            raise Refused("bad_number", sentence)
    with account_scope(by.account):
        found: ChatSettings = ChatSettings.objects.update_or_create(account=by.account, defaults=changes)[0]
    record(
        account_ref=by.account_id, actor=f"user:{by.user_id}", action="chat_settings.changed",
        facts={"fields": sorted(changes)},
    )  # fmt: skip
    wake_queue(account_pk=by.account_id)
    return found


@transaction.atomic
def choose_widget_group(*, widget: Widget, by: Membership, group_id: int | None) -> None:
    """Sets the group that answers a website's chats, unless the visitor chooses another; None: everybody.

    Raises Refused: `not_found` (who may not), `bad_group`.
    """
    if widget.account_id != by.account_id or not can(by, "routing.edit"):
        raise not_found()
    if widget.group_id == group_id:
        return
    with account_scope(by.account):
        if group_id is not None and not Group.objects.filter(pk=group_id).exists():
            raise Refused("bad_group", _("Choose one of the groups."))
        widget.group_id = group_id
        widget.save(update_fields=["group"])
    record(
        account_ref=by.account_id, actor=f"user:{by.user_id}", action="widget.changed",
        facts={"widget": widget.pk, "fields": ["group"]},
    )  # fmt: skip
