"""Reads over preferences and suppressed addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, User
from core.consents import registry as consents
from core.outbound import MailKind, registry
from core.personal_data import Purpose
from notifications.addresses import hash_address
from notifications.models import CampaignReader, Preference, Suppression
from policies.queries import list_consenting

# what a person asked for a moment ago, or a law demands: only a suppression that names the purpose stops it
ALWAYS_SENT = frozenset({Purpose.ACCOUNT, Purpose.SECURITY, Purpose.RIGHTS, Purpose.LEGAL})

MARKETING = "marketing"  # the purpose of the receipts of whoever wants offers and news
NEWS = "news"  # the kind of mail
APART = timedelta(days=7)  # nobody gets two campaigns within it


@dataclass(frozen=True)
class Choice:
    """One optional mail kind as the preferences page shows it; `changed_at` is None where nothing was ever chosen."""

    kind: MailKind
    is_on: bool
    options: dict[str, Any]
    changed_at: datetime | None

    @property
    def about(self) -> Any:
        """The sentence that a switch of offers and news says yes to."""
        return consent_text(self.kind)


def optional_kinds() -> list[MailKind]:
    """The mail kinds that a person can switch on and off."""
    return [kind for kind in registry.mail_kinds.values() if kind.optional]


def consent_text(kind: MailKind) -> str:
    """The words that one agrees to by switching this kind on; "" where the switch itself is enough."""
    if kind.purpose is not Purpose.MARKETING:
        return ""
    declared = consents.find(MARKETING)
    return str(declared.text) if declared else ""


def list_audience(now: datetime) -> dict[int, int]:
    """Who may get a campaign now, as {user: account}: switched on, a yes in force, none within seven days (S55).

    Nobody under 18 is among them (S50).

    Of somebody in several accounts the oldest choice counts, so that one mail comes.
    """
    chosen = (
        switched_on(NEWS)
        .exclude(user_id__in=list_recent_readers(now))
        .exclude(user__is_minor=True)
        .order_by("changed_at", "pk")
    )
    pairs: dict[int, int] = {}
    for user_id, account_id in chosen.values_list("user_id", "account_id"):
        if account_id is not None:
            pairs.setdefault(user_id, account_id)
    agreed = list_consenting([f"user:{user_id}" for user_id in pairs], MARKETING)
    return {user_id: account_id for user_id, account_id in pairs.items() if f"user:{user_id}" in agreed}


def list_young(recipients: "set[str]") -> set[str]:
    """Those of the recipients ("user:12") who are under 18."""
    keys = [int(word.partition(":")[2]) for word in recipients if word.startswith("user:")]
    return {f"user:{pk}" for pk in User.objects.filter(pk__in=keys, is_minor=True).values_list("pk", flat=True)}


def list_recent_readers(now: datetime) -> "QuerySet[CampaignReader, int]":
    """The people who got a campaign within the last seven days."""
    return CampaignReader.objects.filter(sent_at__gt=now - APART).values_list("user_id", flat=True)


def list_choices(membership: Membership) -> list[Choice]:
    """Each optional mail kind with this member's choice; without a row it is off."""
    rows = Preference.objects.filter(user_id=membership.user_id, account_id=membership.account_id)
    chosen = {row.kind: row for row in rows}
    choices = []
    for kind in optional_kinds():
        row = chosen.get(kind.key)
        choices.append(
            Choice(
                kind,
                is_on=bool(row and row.is_on),
                options=row.options if row else {},
                changed_at=row.changed_at if row else None,
            )
        )
    return choices


def switched_on(kind: str, **narrower: Any) -> QuerySet[Preference]:
    """The preferences of one kind that are on, of people who are still members of the account."""
    member = Membership.objects.filter(user_id=OuterRef("user_id"), account_id=OuterRef("account_id"))
    return Preference.objects.filter(
        Exists(member), kind=kind, is_on=True, account__isnull=False, user__is_active=True, **narrower
    )


def find_switched_on(kind: str, pairs: Iterable[tuple[int, int | None]]) -> dict[tuple[int, int | None], Preference]:
    """The preferences that are on for (user, account) pairs, in one statement."""
    wanted = set(pairs)
    rows = Preference.objects.filter(
        kind=kind,
        is_on=True,
        user_id__in={user for user, _ in wanted},
        account_id__in={account for _, account in wanted},
    )
    found = {(row.user_id, row.account_id): row for row in rows}
    return {pair: found[pair] for pair in wanted if pair in found}


def list_suppressed(emails: Sequence[str], purpose: Purpose) -> set[str]:
    """Those of the addresses that must not get mail for this purpose, in one statement."""
    by_hash: dict[str, list[str]] = {}
    for email in emails:
        by_hash.setdefault(hash_address(email), []).append(email)
    return {email for found in list_suppressed_hashes(by_hash, purpose) for email in by_hash[found]}


def list_suppressed_hashes(hashes: Iterable[str], purpose: Purpose) -> set[str]:
    """Those of the keyed hashes whose addresses must not get mail for this purpose, in one statement."""
    return set(suppressions_of(hashes, purpose).values_list("address_hash", flat=True))


def suppressions_of(hashes: Iterable[str], purpose: Purpose) -> QuerySet[Suppression]:
    """The rows that stop mail for this purpose to addresses with these keyed hashes."""
    rows = Suppression.objects.filter(address_hash__in=list(hashes))
    if purpose in ALWAYS_SENT:
        return rows.filter(purpose=purpose.value)
    return rows.filter(Q(purpose=purpose.value) | Q(purpose=""))


def find_bounce(email: str) -> Suppression | None:
    """The suppression that a bounced mail left for this address, if there is one."""
    rows = Suppression.objects.filter(address_hash=hash_address(email), reason=Suppression.Reason.BOUNCED)
    return rows.order_by("-created_at").first()
