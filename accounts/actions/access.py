"""Writes of who may come in: the list of addresses, its mode, and the link that opens the door again."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import networks, queries
from accounts.models import RECOVERY_MINUTES, AccessRecovery, AccessRule, Account, Membership
from accounts.roles import can
from audit.actions import record
from core.errors import Refused, not_found
from core.realtime import recheck_sockets_on_commit
from outbox.actions import NewDelivery, enqueue_many

MOST_RULES = 200


@transaction.atomic
def add_access_rule(*, by: Membership, network: str, label: str = "") -> AccessRule:
    """Puts an address or a range on the account's list.

    Refuses `not_found` for who may not, `bad_network`, `too_wide` (the whole internet), `taken`, `too_many` (200).
    """
    account = _lock(by)
    try:
        found = networks.read_network(network)
    except networks.BadNetwork:
        raise Refused(
            "bad_network", _("Enter an address like 198.51.100.7 or a network like 198.51.100.0/24")
        ) from None
    if found.prefixlen == 0:
        raise Refused("too_wide", _("This is every address there is. Choose “from anywhere” instead"))
    if AccessRule.objects.count() >= MOST_RULES:
        raise Refused("too_many", _("The list is full: it can have %(count)d rows") % {"count": MOST_RULES})
    written = networks.write_network(found)
    try:
        with transaction.atomic():
            rule = AccessRule.objects.create(
                account=account, network=written, label=" ".join(label.split())[:60], added_by_id=by.user_id
            )
    except IntegrityError:
        raise Refused("taken", _("%(network)s is on the list already") % {"network": written}) from None
    _log(by, "access.rule_added", {"rule": rule.pk})
    return rule


@transaction.atomic
def remove_access_rule(*, by: Membership, rule: AccessRule, address: str) -> None:
    """Takes a row off the list. `address` is where the editor is now.

    Refuses `not_found` for who may not, and `lock_out` when the editor could not come in any more.
    """
    account = _lock(by)
    if rule.account_id != account.pk:
        raise not_found()
    pk = rule.pk
    if not AccessRule.objects.filter(pk=pk).delete()[0]:
        return  # somebody else was faster
    _check_editor_stays(account, address)
    _log(by, "access.rule_removed", {"rule": pk})
    recheck_sockets_on_commit(account.pk)


@transaction.atomic
def set_access_mode(*, by: Membership, mode: str, address: str) -> Account:
    """Lets members in from everywhere, or from the listed addresses only. `address` is where the editor is now.

    Refuses `not_found` for who may not, `bad_mode`, and `lock_out` when the editor's own address is not on the list.
    """
    account = _lock(by)
    if mode not in Account.AccessMode.values:
        raise Refused("bad_mode", _("Choose one of the two"))
    if account.access_mode == mode:
        return account
    before = account.access_mode
    account.access_mode = mode
    _check_editor_stays(account, address)
    account.save(update_fields=["access_mode"])
    _log(by, "access.mode_changed", {"from": before, "to": mode})
    recheck_sockets_on_commit(account.pk)
    return account


@transaction.atomic
def send_recovery_links(*, account: Account, asked_by: int, now: Any = None) -> int:
    """Mails each owner a link that opens the account to everyone again; it works for 30 minutes, once.

    `asked_by` is the person who pressed the button; it may be any member, the mail goes to the owners only. Returns
    how many were queued.
    """
    now = now or timezone.now()
    until = now + datetime.timedelta(minutes=RECOVERY_MINUTES)
    rows = []
    owners = Membership.objects.filter(account=account, role=Membership.Role.OWNER, user__is_active=True)
    for owner in owners.order_by("pk"):
        link = AccessRecovery.objects.create(account=account, owner=owner, created_at=now, expires_at=until)
        rows.append(
            NewDelivery(
                kind="accounts.access_recovery",
                key=f"recovery:{link.pk}",
                recipient=f"user:{owner.user_id}",
                payload={"recovery": link.pk, "account": account.pk},
                account_ref=account.pk,
                expires_at=until,
            )
        )
    record(
        account_ref=account.pk,
        actor=f"user:{asked_by}",
        subject=f"account:{account.pk}",
        action="access.recovery_sent",
        facts={"owners": len(rows)},
    )
    return enqueue_many(rows)


@transaction.atomic
def use_recovery_link(*, link: AccessRecovery, user_id: int, now: Any = None) -> Account:
    """Opens the account to everyone, with the link that its owner was sent; the list itself stays.

    Refuses `bad_link` when it was used, is older than 30 minutes, or is another person's or of a former owner.
    """
    now = now or timezone.now()
    account = Account.objects.select_for_update().get(pk=link.account_id)
    owner = queries.find_owner(account_id=account.pk, user_id=user_id)
    fresh = AccessRecovery.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if owner is None or owner.pk != link.owner_id or fresh.update(used_at=now) != 1:
        raise bad_link()
    before = account.access_mode
    account.access_mode = Account.AccessMode.EVERYONE
    account.save(update_fields=["access_mode"])
    _log(owner, "access.recovered", {"from": before})
    return account


def bad_link() -> Refused:
    """The one answer to every link that does not work."""
    return Refused("bad_link", _("This link does not work any more. Ask for a new one."), status=404)


def _lock(by: Membership) -> Account:
    """The account, locked, so that two changes cannot lock somebody out between them; its right is read again."""
    account = Account.objects.select_for_update().get(pk=by.account_id)
    fresh = Membership.objects.filter(pk=by.pk, user__is_active=True).first()
    if fresh is None or not can(fresh, "access.edit"):
        raise not_found()
    return account


def _check_editor_stays(account: Account, address: str) -> None:
    if not queries.may_come_in(account, address):
        sentence = _("Your own address %(address)s is not on the list. Add it first") % {"address": address or "?"}
        raise Refused("lock_out", sentence)


def _log(by: Membership, action: str, facts: dict[str, Any]) -> None:
    record(
        account_ref=by.account_id,
        actor=f"user:{by.user_id}",
        subject=f"account:{by.account_id}",
        action=action,
        facts=facts,
    )
