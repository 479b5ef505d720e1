"""Writes of our own staff's roles: given and taken by administrators, each with a line in the site's log."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffAssignment, StaffRole, User
from audit.actions import record
from core.errors import Refused
from core.realtime import close_user_sockets


@transaction.atomic
def give_role(*, user: User, role: str, by_user_id: int | None) -> StaffAssignment:
    """Gives a person a role of our staff; again it changes nothing. `by_user_id` None: the site's own commands.

    Refuses `bad_role`, `self_staff`, and `inactive` for a login that is switched off.
    """
    if role not in StaffRole.values:
        raise Refused("bad_role", _("Choose a role from the list"))
    if user.pk == by_user_id:
        raise Refused("self_staff", _("You cannot change your own staff rights."))
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        raise Refused("inactive", _("This login is switched off. Switch it on first."))
    if not locked.is_staff:
        locked.is_staff = user.is_staff = True
        locked.save(update_fields=["is_staff"])
    row, is_new = StaffAssignment.objects.get_or_create(user=locked, role=role)
    if is_new:
        _log(user, by_user_id, "staff.role_given", role)
    return row


@transaction.atomic
def take_role(*, user: User, role: str, by_user_id: int | None) -> None:
    """Takes a role away, from the person's next request on; their sockets close. Refuses `self_staff`.

    Who keeps no role and is no administrator is not our staff any more.
    """
    if user.pk == by_user_id:
        raise Refused("self_staff", _("You cannot change your own staff rights."))
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not StaffAssignment.objects.filter(user=locked, role=role).delete()[0]:
        return
    if not locked.is_superuser and not locked.assignments.exists():
        locked.is_staff = user.is_staff = False
        locked.save(update_fields=["is_staff"])
    close_user_sockets(locked.pk)
    _log(user, by_user_id, "staff.role_taken", role)


def _log(user: User, by_user_id: int | None, action: str, role: str) -> None:
    actor = f"user:{by_user_id}" if by_user_id else "system"
    record(account_ref=None, actor=actor, subject=f"user:{user.pk}", action=action, facts={"role": role})
