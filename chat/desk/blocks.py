"""Who is blocked: the network of an address, the reads, and for how long a block may last."""

import ipaddress
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from chat.models import KNOWN, Block, Visitor
from core.client_address import parse_address
from core.errors import Refused, not_found

SHORTEST, LONGEST = 1, 30 * 24  # hours
DURATIONS = ((1, _("1 hour")), (24, _("1 day")), (7 * 24, _("7 days")), (LONGEST, _("30 days")))


def network_of(address: str) -> str:
    """What is blocked for an address: itself for IPv4, for IPv6 the /64 that one customer has; "" for none."""
    found = parse_address(address or "")
    if found is None:
        return ""
    return str(ipaddress.ip_network((found, 32 if found.version == 4 else 64), strict=False))


def blocked() -> Refused:
    """What a blocked visitor is told: not more than that."""
    return Refused("blocked", _("This chat is not available."), status=403)


def is_blocked(account: Account, visitor_pk: int | None, address: str, now: datetime | None = None) -> bool:
    """Whether the visitor, or the address that the request comes from, is blocked at the account now."""
    wanted = Q(network=network_of(address)) & ~Q(network="")
    if visitor_pk is not None:
        wanted |= Q(visitor_id=visitor_pk)
    return Block.of(account).filter(wanted, until__gt=now or timezone.now()).exists()


def list_blocks() -> list[Block]:
    """The blocks of the account in scope that last, the newest first."""
    rows = Block.objects.select_related("visitor", "operator").filter(until__gt=timezone.now())
    return list(rows.order_by("-created_at", "-pk"))


def list_blocks_of(visitor: Visitor) -> list[Block]:
    """The blocks that keep this visitor out now: of the session and of the address that was last seen."""
    network = network_of(visitor.ip_address or "")
    wanted = Q(visitor_id=visitor.pk) | (Q(network=network) & ~Q(network=""))
    rows = Block.objects.select_related("operator").filter(wanted, until__gt=timezone.now())
    return list(rows.order_by("pk"))


def find_visitor_for(membership: Membership, public_id: UUID) -> Visitor:
    """A visitor of the asker's own account. Raises Refused `not_found`."""
    known = Visitor.of(membership.account).filter(KNOWN)
    found = known.select_related("account").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def find_block_for(membership: Membership, public_id: UUID) -> Block:
    """A block of the asker's own account. Raises Refused `not_found`."""
    found = Block.of(membership.account).filter(public_id=public_id).select_related("operator").first()
    if found is None:
        raise not_found()
    return found
