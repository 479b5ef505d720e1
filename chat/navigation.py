"""The places of this app in the sidebar."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from chat.desk.screens import count_waiting
from core.navigation import NavItem, registry


def waiting(membership: Any) -> int:
    """How many visitors wait for this account."""
    return count_waiting(membership.account)


registry.add(
    NavItem(
        key="chats", label=_("Chats"), icon="chat", url_name="chat:console", order=10, action="chats.read",
        count=waiting, count_label=_("waiting"), waits=True,
    ),
    NavItem(key="visitors", label=_("Visitors"), icon="visitors", url_name="chat:visitors", order=20,
            action="visitors.see"),
    NavItem(key="operators", label=_("Operators"), icon="team", url_name="chat:operators", order=30,
            action="team.see", tab=False, aside=False),
    NavItem(key="archive", label=_("Archive"), icon="archive", url_name="chat:archive", order=40,
            action="archive.read"),
    NavItem(key="widget", label=_("Your website"), icon="settings", url_name="chat:widget_settings", order=70,
            action="widget.edit", tab=False, settings=True),
    NavItem(key="routing", label=_("Who gets a chat"), icon="transfer", url_name="chat:routing", order=71,
            action="routing.edit", tab=False, settings=True),
    NavItem(key="replies", label=_("Saved replies"), icon="canned", url_name="chat:replies", order=74,
            action="chats.answer", tab=False, settings=True),
    NavItem(key="tags", label=_("Tags"), icon="tag", url_name="chat:tags", order=91, action="tags.edit", tab=False,
            settings=True),
    NavItem(key="retention", label=_("How long we keep"), icon="receipt", url_name="chat:retention", order=93,
            action="account.edit", tab=False, settings=True),
    NavItem(key="blocked", label=_("Blocked visitors"), icon="ban", url_name="chat:blocked", order=92,
            action="visitors.block", tab=False, settings=True),
)  # fmt: skip
