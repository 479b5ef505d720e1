"""Writes of groups (departments), their members, and the opening hours of an account and its groups (S22)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import can
from accounts.scoping import account_scope
from audit.actions import record
from core.errors import Refused, not_found
from operators import events, hours
from operators.models import Group, GroupMember, OpeningHours, Operator

MOST_GROUPS = 50
MOST_WAITING = 10_000  # the highest limit that can be set


def _allow(by: Membership, group: Group | None = None) -> None:
    """Raises Refused `not_found` for who may not, and for a group of another account."""
    if not can(by, "routing.edit") or (group is not None and group.account_id != by.account_id):
        raise not_found()


def _clean_name(name: str, by: Membership, besides: int = 0) -> str:
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", " ", name)
    name = " ".join(name.split())
    if not name:
        raise Refused("bad_name", _("Enter a name like Sales"))
    if len(name) > 60:
        raise Refused("bad_name", _("Enter a name of at most 60 characters."))
    if Group.objects.filter(account=by.account, name__iexact=name).exclude(pk=besides).exists():
        raise Refused("taken", _("There is a group of that name already."), status=409)
    return name


def _clean_limits(chat_limit: int, queue_limit: int) -> None:
    if not (0 <= chat_limit <= MOST_WAITING and 0 <= queue_limit <= MOST_WAITING):
        raise Refused("bad_limit", _("Enter a number from 0 to %(most)d.") % {"most": MOST_WAITING})


@transaction.atomic
def make_group(*, by: Membership, name: str, chat_limit: int = 0, queue_limit: int = 0) -> Group:
    """Makes a department; limits of 0 mean any number.

    Raises Refused: `not_found` (who may not), `bad_name`, `taken`, `bad_limit`, `too_many`.
    """
    _allow(by)
    _clean_limits(chat_limit, queue_limit)
    with account_scope(by.account):
        if Group.objects.filter(account=by.account).count() >= MOST_GROUPS:
            raise Refused("too_many", _("An account can have %(count)d groups.") % {"count": MOST_GROUPS})
        name = _clean_name(name, by)
        group: Group = Group.objects.create(
            account=by.account, name=name, chat_limit=chat_limit, queue_limit=queue_limit
        )
    _told(by, "group.added", {"group": group.pk})
    return group


@transaction.atomic
def change_group(*, group: Group, by: Membership, name: str, chat_limit: int, queue_limit: int) -> Group:
    """Renames a group and sets its limits. Raises Refused: `not_found`, `bad_name`, `taken`, `bad_limit`."""
    _allow(by, group)
    _clean_limits(chat_limit, queue_limit)
    with account_scope(by.account):
        group.name = _clean_name(name, by, group.pk)
        group.chat_limit, group.queue_limit = chat_limit, queue_limit
        if not Group.objects.filter(pk=group.pk).exists():
            raise not_found()
        group.save(update_fields=["name", "chat_limit", "queue_limit"])
    _told(by, "group.changed", {"group": group.pk})
    return group


@transaction.atomic
def choose_members(*, group: Group, by: Membership, operators: Iterable[int]) -> int:
    """Makes exactly these operators (keys) the members of a group; answers how many it has now.

    Keys of nobody in the team are left out. Raises Refused `not_found`.
    """
    _allow(by, group)
    with account_scope(by.account):
        if Group.objects.select_for_update().filter(pk=group.pk).first() is None:
            raise not_found()
        team = Operator.objects.filter(pk__in=list(operators), membership__isnull=False)
        wanted = set(team.values_list("pk", flat=True))
        members = GroupMember.objects.filter(group=group)
        have = set(members.values_list("operator_id", flat=True))
        members.exclude(operator__in=wanted).delete()
        GroupMember.objects.bulk_create(
            [GroupMember(account=by.account, group=group, operator_id=pk) for pk in sorted(wanted - have)]
        )
    if wanted != have:
        _told(by, "group.members_changed", {"group": group.pk, "members": len(wanted)})
    return len(wanted)


@transaction.atomic
def delete_group(*, group: Group, by: Membership) -> None:
    """Deletes a group: its chats wait for everybody from now on, its own saved replies and hours go with it.

    Raises Refused `not_found`.
    """
    _allow(by, group)
    with account_scope(by.account):
        if not Group.objects.filter(pk=group.pk).exists():
            raise not_found()
        _told(by, "group.deleted", {"group": group.pk})
        group.delete()


# ---- opening hours --------------------------------------------------------------------------------------
@transaction.atomic
def change_hours(
    *, by: Membership, group: Group | None = None, is_on: bool, week: Mapping[str, Sequence[Sequence[str]]],
    holidays: Sequence[Mapping[str, str]],
) -> OpeningHours:  # fmt: skip
    """Sets when the account, or a group of it, answers: `week` and `holidays` as operators.hours reads them.

    Raises Refused: `not_found`, `bad_hours`, `never_open` (switched on without any hour), `too_many` holidays.
    """
    _allow(by, group)
    clean = {day: _clean_day(week.get(day, ())) for day in hours.DAYS}
    if is_on and not any(clean.values()):
        raise Refused("never_open", _("Enter the hours of at least one day, or switch the opening hours off."))
    days = _clean_holidays(holidays)
    with account_scope(by.account):
        own, _made = OpeningHours.objects.update_or_create(
            account=by.account, group=group, defaults={"is_on": is_on, "week": clean, "holidays": days}
        )
    _told(by, "hours.changed", {"group": group.pk if group is not None else None, "on": is_on})
    return own


@transaction.atomic
def drop_own_hours(*, group: Group, by: Membership) -> None:
    """A group keeps the account's hours again. Raises Refused `not_found`."""
    _allow(by, group)
    with account_scope(by.account):
        if OpeningHours.objects.filter(group=group).delete()[0]:
            _told(by, "hours.changed", {"group": group.pk, "on": False})


def _clean_day(spans: Sequence[Sequence[str]]) -> list[list[str]]:
    try:
        return hours.read_spans(hours.say_spans(spans))
    except (ValueError, TypeError) as problem:
        raise Refused("bad_hours", _("Enter hours like 09:00-12:00, 13:00-17:00")) from problem


def _clean_holidays(holidays: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    found = {}
    for one in holidays:
        try:
            day = date.fromisoformat(one["date"])
        except (ValueError, KeyError) as problem:
            raise Refused("bad_hours", _("Enter a day like 2026-12-25 Christmas")) from problem
        found[day.isoformat()] = " ".join(one.get("name", "").split())[:60]
    if len(found) > hours.MOST_HOLIDAYS:
        raise Refused("too_many", _("Enter at most %(count)d holidays.") % {"count": hours.MOST_HOLIDAYS})
    return [{"date": day, "name": name} for day, name in sorted(found.items())]


def _told(by: Membership, action: str, facts: dict[str, Any]) -> None:
    record(account_ref=by.account_id, actor=f"user:{by.user_id}", action=action, facts=facts)
    transaction.on_commit(partial(events.groups_changed.send_robust, Group, account_id=by.account_id))
