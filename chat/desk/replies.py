"""Saved replies: their placeholders, who sees which, and the search by `#shortcut` or words."""

import re
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from accounts.roles import can
from chat.models import Chat, SavedReply
from core.errors import Refused, not_found
from operators.models import Group, GroupMember, Operator

SHOWN = 8  # rows of the list above the composer
LONGEST_TEXT = 5000
SHORTCUT = re.compile(r"[^\W_][\w-]{0,31}")
PLACEHOLDER = re.compile(r"\{\s*([a-z][a-z._]*)\s*(?:\|([^{}]*))?\}")

PLACEHOLDERS: dict[str, Any] = {
    "visitor.name": gettext_lazy("The visitor's name; “there” where none was given"),
    "visitor.email": gettext_lazy("The visitor's e-mail"),
    "operator.name": gettext_lazy("Your own name, as visitors see it"),
    "company": gettext_lazy("The name of your company"),
    "page.title": gettext_lazy("The title of the page on which the chat began"),
    "page.url": gettext_lazy("The address of that page"),
    "today": gettext_lazy("The day of today"),
}


def read_shortcut(text: str) -> str:
    """A shortcut as it is stored, without the `#`. Raises Refused `bad_shortcut`."""
    word = text.strip().lstrip("#")
    if not SHORTCUT.fullmatch(word):
        raise Refused(
            "bad_shortcut", _("A shortcut is one word of letters, digits and hyphens, at most 32, like ride-confirm.")
        )
    return word


def check_placeholders(text: str) -> None:
    """Raises Refused `bad_placeholder` for one that is not known; other braces are plain text."""
    for name, _fallback in PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise Refused(
                "bad_placeholder",
                _("{%(name)s} is not known. Use one of these: %(known)s.") % {"name": name, "known": known},
            )


def fill(text: str, values: dict[str, str]) -> str:
    """The text with each placeholder replaced: by its value, else by what stands behind the bar, else as documented."""
    stands_in = {"visitor.name": _("there")}

    def put(found: re.Match[str]) -> str:
        name, fallback = found.group(1), found.group(2)
        if name not in PLACEHOLDERS:  # of a text that was stored before a word was taken away
            return found.group(0)
        return values.get(name) or (fallback.strip() if fallback is not None else stands_in.get(name, ""))

    return PLACEHOLDER.sub(put, text)


def values_for(operator: Operator, company: str, chat: Chat | None) -> dict[str, str]:
    """What the placeholders stand for in this chat (its visitor selected)."""
    values = {
        "operator.name": operator.display_name,
        "company": company,
        "today": date_format(timezone.localdate(), "j F Y"),
    }
    if chat is not None:
        values |= {
            "visitor.name": chat.visitor.name,
            "visitor.email": chat.visitor.email,
            "page.title": chat.page_title,
            "page.url": chat.page_url,
        }
    return values


def visible_to(operator: Operator, *, leads: bool) -> "QuerySet[Any]":
    """Saved replies that this operator can use: own, of their groups (leaders: of every group), of everybody."""
    mine = Q(scope="personal", operator=operator)
    if leads:
        of_groups = Q(scope="group")
    else:
        of_groups = Q(scope="group", group__in=GroupMember.objects.filter(operator=operator).values("group_id"))
    return SavedReply.objects.select_related("group").filter(mine | of_groups | Q(scope="account"))


def search_replies(operator: Operator, text: str, *, leads: bool, limit: int = SHOWN) -> list[SavedReply]:
    """The saved replies that fit best: shortcut first, then words of the text; the most used first."""
    wanted = text.strip().lstrip("#").replace("\x00", "")[:100]
    rows = visible_to(operator, leads=leads)
    if wanted:
        rows = rows.filter(Q(shortcut__icontains=wanted) | Q(text__icontains=wanted))
    fits = Case(
        When(shortcut__iexact=wanted, then=Value(0)),
        When(shortcut__istartswith=wanted, then=Value(1)),
        When(shortcut__icontains=wanted, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    own_first = Case(
        When(scope="personal", then=Value(0)),
        When(scope="group", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(rows.order_by(fits, own_first, "-uses", "shortcut", "pk")[:limit])


def list_replies(operator: Operator, *, leads: bool) -> dict[str, list[SavedReply]]:
    """Every saved reply that this operator can use, by scope, in the order of the shortcuts."""
    found: dict[str, list[SavedReply]] = {scope: [] for scope in SavedReply.Scope.values}
    for one in visible_to(operator, leads=leads).order_by("group__name", "shortcut", "pk"):
        found[one.scope].append(one)
    return found


def may_edit(operator: Operator, membership: Membership, reply: SavedReply) -> bool:
    """Whose own it is, and owners and admins for those of a group or of everybody."""
    if reply.scope == SavedReply.Scope.PERSONAL:
        return reply.operator_id == operator.pk
    return can(membership, "replies.edit")


def find_reply_for(membership: Membership, operator: Operator, public_id: UUID) -> SavedReply:
    """A saved reply that this operator can use. Raises Refused `not_found`."""
    leads = can(membership, "replies.edit")
    found = visible_to(operator, leads=leads).filter(public_id=public_id).first()
    if found is None or found.account_id != membership.account_id:
        raise not_found()
    return found


def list_groups() -> list[Group]:
    """The groups of the account in scope, by name."""
    return list(Group.objects.order_by("name", "pk"))
