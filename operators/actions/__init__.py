"""Every write of operators, by noun."""

from operators.actions.groups import (
    change_group,
    change_hours,
    choose_members,
    delete_group,
    drop_own_hours,
    make_group,
)
from operators.actions.imports import RowChange, change_rows, choose_role, confirm_import, forget_imports, read_import
from operators.actions.invitations import (
    accept_invitation,
    claim_invitation,
    copy_link,
    expire_invitations,
    finish_claimed,
    forget_invited_address,
    invite_operators,
    remove_address,
    revoke_invitation,
    send_again,
)
from operators.actions.team import change_member
from operators.actions.working import (
    change_open_chats,
    ensure_operator,
    import_states,
    mark_seen,
    rename_operator,
    set_chat_limit,
    set_status,
    take_chat,
)

__all__ = [
    "RowChange",
    "accept_invitation",
    "change_group",
    "change_hours",
    "change_member",
    "change_open_chats",
    "change_rows",
    "choose_members",
    "choose_role",
    "claim_invitation",
    "confirm_import",
    "copy_link",
    "delete_group",
    "drop_own_hours",
    "ensure_operator",
    "expire_invitations",
    "finish_claimed",
    "forget_imports",
    "forget_invited_address",
    "import_states",
    "invite_operators",
    "make_group",
    "mark_seen",
    "read_import",
    "remove_address",
    "rename_operator",
    "revoke_invitation",
    "send_again",
    "set_chat_limit",
    "set_status",
    "take_chat",
]
