"""Who may do what in an account: the one table of roles and actions (SAFETY: roles)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership

Role = Membership.Role

EVERYBODY = frozenset({Role.OWNER, Role.ADMIN, Role.OPERATOR})
LEADERS = frozenset({Role.OWNER, Role.ADMIN})
OWNER_ONLY = frozenset({Role.OWNER})

ACTIONS: dict[str, frozenset[Role]] = {
    "chats.answer": EVERYBODY,
    "chats.read": EVERYBODY,
    "chats.supervise": LEADERS,
    "chats.delete": LEADERS,
    "chats.tag": EVERYBODY,
    "visitors.see": EVERYBODY,
    "visitors.delete": LEADERS,
    "archive.read": EVERYBODY,
    "reports.read": EVERYBODY,
    "account.edit": LEADERS,
    "widget.edit": LEADERS,
    "team.see": EVERYBODY,
    "team.edit": LEADERS,
    "routing.edit": LEADERS,  # groups, opening hours, how chats are given out
    "export": LEADERS,
    "owners.edit": OWNER_ONLY,
    "account.close": OWNER_ONLY,
    "staff_access.edit": OWNER_ONLY,  # let our staff read chats for a while
    "profile.read": EVERYBODY,
    "profile.edit": EVERYBODY,
    "requests.own": EVERYBODY,  # what a member asks us
    "keys.own": EVERYBODY,
    "keys.all": LEADERS,
    "access.edit": LEADERS,
    "goals.edit": LEADERS,
    "sales.record": LEADERS,
    "tags.edit": LEADERS,  # rename, merge and delete; everybody who answers tags chats
    "replies.edit": LEADERS,  # those of a group and of everybody
    "surveys.edit": LEADERS,
    "visitors.block": EVERYBODY,
    "blocks.lift": LEADERS,  # those of others
    "forum.write": EVERYBODY,  # in one's own name; asked of API keys only, a person needs no account
}

# what an API key can be given: the actions that operations of the API ask for, in words
SCOPES: dict[str, Any] = {
    "profile.read": _("See whose key it is"),
    "profile.edit": _("Change its owner's photo"),
    "team.edit": _("Invite operators from a spreadsheet"),
    "archive.read": _("Read chats, transcripts, tags and ratings"),
    "chats.tag": _("Put tags on chats and take them off"),
    "visitors.see": _("See visitors with their e-mail and IP address"),
    "visitors.delete": _("Delete visitors with everything about them"),
    "requests.own": _("Ask our support, and read and answer its requests"),
    "forum.write": _("Write in the public forum in its owner's name"),
    "sales.record": _("Record goals, sales and refunds"),
}


def can(membership: Any, action: str) -> bool:
    """Whether the membership's role allows the action; False for nobody. Raises KeyError for an unknown action."""
    allowed = ACTIONS[action]
    return bool(membership) and Role(membership.role) in allowed
