"""Reads over operators and invitations."""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.queries import list_people_with_second_factor
from accounts.scoping import account_scope
from core.errors import not_found
from notifications.addresses import hash_address
from operators.hours import Hours, is_open_at, make_hours, next_opening
from operators.models import Group, GroupMember, ImportDraft, ImportRow, Invitation, OpeningHours, Operator
from outbox.models import Delivery


@dataclass(frozen=True)
class TeamRow:
    """A member on the team page."""

    membership: Membership
    operator: Operator | None
    has_second_step: bool


@dataclass(frozen=True)
class FoundInvitation:
    """An invitation behind a token; `proved` when the token came by mail, and so proves the address."""

    invitation: Invitation
    proved: bool


def find_operator_for(membership: Membership) -> Operator:
    """The operator behind a membership. Raises Refused not_found where `actions.ensure_operator` never ran."""
    with account_scope(membership.account):
        operator = Operator.objects.filter(membership_id=membership.pk).first()
    if operator is None:
        raise not_found()
    operator.membership = membership
    return operator


def list_operators(account: Account) -> Sequence[Operator]:
    """Every operator of the account with the person behind it, by name; who left is not among them."""
    with account_scope(account):
        operators = Operator.objects.select_related("membership__user").filter(membership__isnull=False)
        return list(operators.order_by("display_name", "pk"))


def list_answering(account: Account) -> Sequence[Operator]:
    """Operators who accept chats now, by name, with the person behind; who lost the log-in does not."""
    with account_scope(account):
        here = Operator.objects.select_related("membership__user").filter(
            status=Operator.Status.ACCEPTING, membership__user__is_active=True
        )
        return list(here.order_by("display_name", "pk"))


# ---- Groups and opening hours ---------------------------------------------------------------------------
def list_groups(account: Account) -> Sequence[Group]:
    """The groups of the account by name, each with `people`: how many of the team are in it."""
    people = Count("members", filter=Q(members__operator__membership__isnull=False))
    return list(Group.of(account).annotate(people=people).order_by(Lower("name"), "pk"))


def find_group_for(membership: Membership, public_id: uuid.UUID) -> Group:
    """A group of the asker's own account. Raises Refused `not_found`."""
    found = Group.of(membership.account).filter(public_id=public_id).select_related("account").first()
    if found is None:
        raise not_found()
    return found


def list_group_places(account: Account) -> dict[int, set[int]]:
    """operator -> the groups that they are in, in one statement."""
    places = defaultdict[int, set[int]](set)
    for operator_pk, group_pk in GroupMember.of(account).values_list("operator_id", "group_id"):
        places[operator_pk].add(group_pk)
    return places


def list_own_groups(operator: Operator) -> list[int]:
    """The keys of the groups that an operator is in."""
    own = GroupMember.of(operator.account).filter(operator=operator)
    return list(own.order_by("group_id").values_list("group_id", flat=True))


def find_own_hours(account: Account, group: Group | None) -> OpeningHours | None:
    """The opening hours as they were set for the account (None), or for a group itself, switched on or not."""
    found: OpeningHours | None = OpeningHours.of(account).filter(group=group).first()
    return found


@dataclass(frozen=True)
class HoursBook:
    """The opening hours of an account: a group without hours of its own keeps those of the account."""

    by_group: dict[int | None, Hours]

    def of(self, group: int | None) -> Hours | None:
        """The hours that hold for a group (None: for chats without one); None where they are switched off."""
        return self.by_group.get(group, self.by_group.get(None))


def find_hours(account: Account) -> HoursBook:
    """The opening hours that are switched on, in one statement."""
    rows = OpeningHours.of(account).filter(is_on=True)
    return HoursBook({row.group_id: make_hours(account.time_zone, row.week, row.holidays) for row in rows})


@dataclass(frozen=True)
class Opening:
    """Whether an account, or a group of it, answers now; `opens_at` while the hours say closed."""

    is_open: bool
    opens_at: datetime | None
    answering: Sequence[Operator]


def find_opening(account: Account, group: int | None = None, now: datetime | None = None) -> Opening:
    """Open means: the opening hours say so, and somebody (of the group) accepts chats (S22)."""
    now = now or timezone.now()
    hours = find_hours(account).of(group)
    answering = list_answering(account)
    if group is not None and answering:
        places = list_group_places(account)
        answering = [operator for operator in answering if group in places.get(operator.pk, ())]
    if hours is None or is_open_at(hours, now):
        return Opening(bool(answering), None, answering)
    return Opening(False, next_opening(hours, now), answering)


# ---- The team page ----------------------------------------------------------------------------------
def list_team(account: Account) -> list[TeamRow]:
    """The members of the account with their working state, by name, in three statements."""
    members = Membership.objects.filter(account=account).select_related("user", "account")
    with account_scope(account):
        by_member = {one.membership_id: one for one in Operator.objects.filter(membership__isnull=False)}
    rows = list(members.order_by("user__name", "user__surname", "pk"))
    guarded = list_people_with_second_factor([row.user_id for row in rows])
    return [TeamRow(row, by_member.get(row.pk), row.user_id in guarded) for row in rows]


def list_left(account: Account) -> Sequence[Operator]:
    """Operators who left the account and whose name stands in past chats, by name."""
    with account_scope(account):
        return list(Operator.objects.filter(membership=None).order_by("display_name", "pk"))


def list_pending(account: Account) -> Sequence[Invitation]:
    """Invitations that wait or have ended unanswered and whose address is still there, newest first."""
    open_states = [Invitation.State.WAITING, Invitation.State.EXPIRED]
    with account_scope(account):
        rows = Invitation.objects.select_related("invited_by__user").filter(state__in=open_states)
        return list(rows.exclude(email="").order_by("-sent_at", "-pk"))


def count_pending(account: Account, now: datetime | None = None) -> int:
    """How many invitations wait for an answer."""
    with account_scope(account):
        waiting = Invitation.objects.filter(state=Invitation.State.WAITING, expires_at__gt=now or timezone.now())
        return int(waiting.count())


def find_member_for(membership: Membership, person: uuid.UUID) -> Membership:
    """A member of the asker's own account, by the person's public id. Raises Refused `not_found`."""
    rows = Membership.objects.select_related("account", "user").filter(account_id=membership.account_id)
    found = rows.filter(user__public_id=person).first()
    if found is None:
        raise not_found()
    return found


def find_invitation_for(membership: Membership, public_id: uuid.UUID) -> Invitation:
    """An invitation of the asker's own account. Raises Refused `not_found`."""
    found = Invitation.of(membership.account).filter(public_id=public_id).select_related("account").first()
    if found is None:
        raise not_found()
    return found


# ---- The invited person -----------------------------------------------------------------------------
def hash_token(token: str) -> str:
    """How a link's token is stored: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The invitation that this link was ever made for, in whatever state; None for a wrong one."""
    hashed = hash_token(token)
    every = Invitation.objects.with_scopes_disabled()  # the token names the invitation, the invitation the account
    rows = every.select_related("account", "invited_by__user")
    found = rows.filter(token_hash=hashed).first() or rows.filter(link_hash=hashed).first()
    return found if isinstance(found, Invitation) else None


def find_open_invitation(token: str) -> FoundInvitation:
    """The invitation that this link still accepts. Raises Refused `not_found`: wrong, used, ended, withdrawn alike."""
    invitation = find_invitation(token)
    if invitation is None or not invitation.is_open():
        raise not_found()
    return FoundInvitation(invitation, proved=invitation.token_hash == hash_token(token))


def hash_verified_addresses(user: User) -> set[str]:
    """The keyed hashes of the addresses that a person has proved."""
    proved = EmailAddress.objects.filter(user_id=user.pk, verified=True).values_list("email", flat=True)
    return {hash_address(email) for email in proved}


def list_claimed(user: User) -> Sequence[Invitation]:
    """Invitations that this person answered by a copied link and that wait for the confirmed address."""
    every = Invitation.objects.with_scopes_disabled()  # the person's own claims, in whichever account
    return list(every.select_related("account").filter(claimed_by=user.pk, state=Invitation.State.WAITING))


# ---- The spreadsheet import -------------------------------------------------------------------------
def find_import_for(membership: Membership, public_id: uuid.UUID) -> ImportDraft:
    """A draft of the asker's own account whose hour is not over. Raises Refused `not_found`."""
    draft = ImportDraft.of(membership.account).filter(public_id=public_id).first()
    if draft is None or draft.ends_at <= timezone.now():
        raise not_found()
    draft.account = membership.account
    return draft


def list_import_rows(draft: ImportDraft) -> list[ImportRow]:
    """The rows of a draft as they stand in the file."""
    return list(ImportRow.of(draft.account).filter(draft=draft).order_by("number"))


def imports_over(now: datetime) -> "QuerySet[ImportDraft]":
    """Drafts of any account whose hour is over; for the job that deletes them."""
    before = now - ImportDraft.LIFE
    every: QuerySet[ImportDraft] = ImportDraft.objects.with_scopes_disabled()  # the job is for every account
    return every.filter(Q(confirmed_at__lt=before) | Q(confirmed_at__isnull=True, created_at__lt=before))


def list_made(account: Account, rows: Sequence[ImportRow]) -> list[int]:
    """The keys of the invitations that an import made for these rows."""
    hashes = [hash_address(row.email) for row in rows]
    made = Invitation.of(account).filter(address_hash__in=hashes, source=Invitation.Source.IMPORT)
    return list(made.values_list("pk", flat=True))


def count_mails(draft: ImportDraft, rows: Sequence[ImportRow]) -> dict[str, int]:
    """How the mails of a confirmed list stand: delivered, on_the_way, failed."""
    words = [f"invitation:{pk}" for pk in list_made(draft.account, [row for row in rows if row.is_invited])]
    mails = Delivery.objects.filter(kind="operator_invite", recipient__in=words)
    states = Counter(mails.values_list("state", flat=True))
    waiting = states[Delivery.State.WAITING] + states[Delivery.State.CLAIMED]
    failed = states[Delivery.State.PARKED] + states[Delivery.State.DROPPED]
    return {"delivered": states[Delivery.State.DONE], "on_the_way": waiting, "failed": failed}
