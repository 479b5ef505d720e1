"""The one mail of operators: the invitation."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.links import absolute
from accounts.models import Account
from accounts.sealing import InvalidToken, unseal
from core.outbound import Address, Letter, MailKind, registry
from core.personal_data import Purpose
from operators import queries
from operators.models import Invitation

GIVEN_FOR = frozenset({Purpose.INVITATION})  # and for nothing else (S48, P8)


def address_of(invitation: Invitation) -> Address:
    """The invited person's address: good for the invitation only, and gone once it is answered."""
    return Address(invitation.email, GIVEN_FOR, name=invitation.name, subject=f"invitation:{invitation.pk}")


def load_invitations(rows: Sequence[Any]) -> dict[int, Letter]:
    """Who invites, to which company, the link, and the link that removes the address.

    An invitation that was answered, withdrawn or sent anew since gets no mail.
    """
    now, letters = timezone.now(), {}
    accounts = Account.objects.in_bulk({row.account_ref for row in rows})
    for account in accounts.values():
        own = [row for row in rows if row.account_ref == account.pk]
        wanted = [int(row.recipient.partition(":")[2]) for row in own]
        found = Invitation.of(account).select_related("invited_by__user").in_bulk(wanted)
        for row in own:
            invitation, token = found.get(int(row.recipient.partition(":")[2])), _token_of(row)
            if invitation is None or not invitation.is_open(now) or not invitation.email:
                continue
            if invitation.token_hash == queries.hash_token(token):
                letters[row.pk] = Letter(address_of(invitation), _context(invitation, account, token))
    return letters


def _token_of(row: Any) -> str:
    try:
        return unseal(row.payload["token"])
    except InvalidToken:  # the site's secret was changed before the mail left: only a person can send it again
        return ""


def _context(invitation: Invitation, account: Account, token: str) -> dict[str, Any]:
    by = invitation.invited_by
    return {
        "name": invitation.name,
        "inviter": by.user.get_full_name() if by else "",
        "company": account.company,
        "role": invitation.get_role_display(),
        "days": Invitation.LIFE.days,
        "keep_days": Invitation.KEEP_DAYS,
        "url": absolute(reverse("operators:invitation", args=[token])),
        "remove_url": absolute(reverse("operators:remove_address", args=[token])),
        "support": settings.SUPPORT_EMAIL,
    }


registry.register(
    MailKind(
        "operator_invite", Purpose.INVITATION, "operators/mail/operator_invite", load_invitations,
        label=_("Invitation to a team"),
    )
)  # fmt: skip
