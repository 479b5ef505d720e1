"""Every write of accounts, by noun."""

from accounts.actions.access import (
    add_access_rule,
    bad_link,
    remove_access_rule,
    send_recovery_links,
    set_access_mode,
    use_recovery_link,
)
from accounts.actions.companies import (
    EDITABLE,
    change_company,
    prolong_account,
    send_trial_reminders,
    set_active_until,
)
from accounts.actions.erasing import erase_account, erase_person, erase_what_is_due
from accounts.actions.keys import create_api_key, hash_key, note_key_use, revoke_api_key
from accounts.actions.leaving import (
    GRACE_DAYS,
    close_account,
    come_back,
    leave,
    note_account_export,
    reopen_account,
    send_way_back,
)
from accounts.actions.members import add_member, change_role, choose_account, hand_over_ownership, remove_member
from accounts.actions.people import (
    change_profile,
    confirm_first_address,
    deactivate_user,
    end_sessions,
    end_sockets,
    end_some_sessions,
    reactivate_user,
    record_sign_in_change,
    remove_unproved,
    remove_unverified_accounts,
    set_staff,
)
from accounts.actions.photos import finish_removals, remove_photo, set_photo, sweep_photos
from accounts.actions.providers import disconnect, join, save_provider
from accounts.actions.public import become_member, block_member, confirm_age, set_display_name, unblock_member
from accounts.actions.registration import register, register_person, register_staff, second_trial_sentence
from accounts.actions.staff import give_role, take_role
from accounts.actions.telling import announce_version, tell_of_versions

__all__ = [
    "EDITABLE",
    "GRACE_DAYS",
    "add_access_rule",
    "add_member",
    "announce_version",
    "bad_link",
    "become_member",
    "block_member",
    "change_company",
    "change_profile",
    "change_role",
    "choose_account",
    "close_account",
    "come_back",
    "confirm_age",
    "confirm_first_address",
    "create_api_key",
    "deactivate_user",
    "disconnect",
    "end_sessions",
    "end_sockets",
    "end_some_sessions",
    "erase_account",
    "erase_person",
    "erase_what_is_due",
    "finish_removals",
    "give_role",
    "hand_over_ownership",
    "hash_key",
    "join",
    "leave",
    "note_account_export",
    "note_key_use",
    "prolong_account",
    "reactivate_user",
    "record_sign_in_change",
    "register",
    "register_person",
    "register_staff",
    "remove_access_rule",
    "remove_member",
    "remove_photo",
    "remove_unproved",
    "remove_unverified_accounts",
    "reopen_account",
    "revoke_api_key",
    "save_provider",
    "second_trial_sentence",
    "send_recovery_links",
    "send_trial_reminders",
    "send_way_back",
    "set_access_mode",
    "set_active_until",
    "set_display_name",
    "set_photo",
    "set_staff",
    "sweep_photos",
    "take_role",
    "tell_of_versions",
    "unblock_member",
    "use_recovery_link",
]
