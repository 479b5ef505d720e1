"""Blocking a visitor, or an address, for a while, and lifting it again (SAFETY 2.2: abuse of the chat)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actions import record
from chat.actions.chats import close_chat
from chat.desk.blocks import LONGEST, SHORTEST, network_of
from chat.models import KNOWN, Block, Chat, Visitor
from chat.realtime.protocol import clean_text
from core.errors import Refused, not_found
from core.realtime import control_on_commit, publish_on_commit
from core.redaction import mask_secrets
from operators.models import Operator

REASON = 200


@transaction.atomic
def block_visitor(
    *, operator: Operator, visitor: Visitor, what: str, hours: int, reason: str = "", supervises: bool = False
) -> Block:
    """Closes the account's chat to a visitor (`what` "session") or to their address ("address") for 1 to 720 hours.

    A live chat of the visitor ends and open sockets are closed; a block that lasts already gets the new end and
    reason. Raises Refused: `bad_duration`, `no_address`, `cut_address`, `not_allowed` (a colleague has the chat).
    """
    if not SHORTEST <= hours <= LONGEST:
        raise Refused("bad_duration", _("A block lasts from 1 hour to 30 days."))
    if what not in ("session", "address"):
        raise Refused("bad_target", _("Choose what is blocked: this browser or this address."))
    network = _network(visitor) if what == "address" else ""
    locked = Visitor.objects.select_for_update(of=("self",)).filter(KNOWN, pk=visitor.pk).first()
    if locked is None:
        raise not_found()
    for chat in Chat.objects.filter(visitor=locked).exclude(state=Chat.State.CLOSED):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator, supervises=supervises)
    now = timezone.now()
    values = {
        "reason": mask_secrets(" ".join(clean_text(reason).split())[:REASON]),
        "until": now + timedelta(hours=hours),
        "operator": operator,
    }
    same = Block.objects.filter(until__gt=now, network=network, visitor=None if network else locked)
    found = same.order_by("pk").first()
    if found is None:
        found = Block.objects.create(
            account_id=locked.account_id, visitor=None if network else locked, network=network, created_at=now, **values
        )
    else:
        Block.objects.filter(pk=found.pk).update(**values)
        found.refresh_from_db()
    _log(operator, "visitor.blocked", found, {"what": what, "hours": hours})
    control_on_commit(
        "blocked",
        {"account": locked.account_id, "visitor": None if network else locked.pk, "network": network},
    )
    _tell(locked)
    return found


@transaction.atomic
def lift_block(*, block: Block, operator: Operator, any_of_them: bool = False) -> None:
    """Ends a block now; lifting it twice is harmless. Operators lift their own, with `any_of_them` every one.

    Raises Refused `not_allowed`.
    """
    if block.operator_id != operator.pk and not any_of_them:
        name = block.operator.display_name if block.operator else _("Somebody who left")
        raise Refused(
            "not_allowed", _("%(name)s set this block. An owner or admin can lift it.") % {"name": name}, status=403
        )
    if Block.objects.filter(pk=block.pk).delete()[0]:
        _log(operator, "visitor.unblocked", block, {})
        if block.visitor is not None:
            _tell(block.visitor)


def _network(visitor: Visitor) -> str:
    if visitor.account.truncate_addresses:
        raise Refused("cut_address", _("Addresses are kept without their last part here. Block this browser instead."))
    network = network_of(visitor.ip_address or "")
    if not network:
        raise Refused("no_address", _("No address is kept of this visitor any more. Block this browser instead."))
    return network


def _tell(visitor: Visitor) -> None:
    """The consoles that show a chat of this visitor read again who is blocked."""
    for pk, public_id in Chat.objects.filter(visitor=visitor).order_by("-pk").values_list("pk", "public_id")[:5]:
        publish_on_commit([f"chat:{pk}"], {"t": "blocks", "chat": str(public_id)})


def _log(operator: Operator, action: str, block: Block, facts: dict[str, object]) -> None:
    actor = f"user:{operator.user_id}"
    subject = f"visitor:{block.visitor_id}" if block.visitor_id else ""
    record(
        account_ref=block.account_id, actor=actor, subject=subject, action=action, facts={"block": block.pk, **facts}
    )
