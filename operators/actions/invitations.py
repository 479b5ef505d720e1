"""Writes of invitations: one first mail per account and address, links, acceptance, removal (S47, S96, S97, P5)."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import add_member, register_person
from accounts.actions.erasing import begin_erasure
from accounts.models import Account, Membership, User
from accounts.queries import list_versions_to_sign
from accounts.roles import can
from accounts.scoping import account_scope
from accounts.sealing import seal
from audit.actions import record
from core.errors import Refused, not_found
from core.personal_data import Purpose, Subject, SubjectRef
from notifications.actions import suppress_hash
from notifications.addresses import hash_address
from notifications.models import Suppression
from notifications.queries import list_suppressed_hashes
from operators import queries
from operators.actions.working import ensure_operator
from operators.invites import CREATED, InviteOutcome, NewInvite, Read, judge, read_invite
from operators.models import Invitation
from outbox.actions import NewDelivery, enqueue_many
from policies.actions import record_acceptance
from policies.models import Acceptance, Version

KIND = "operator_invite"
CLAIM_DAYS = 3  # as long as the link that confirms an address
OVER = (Invitation.State.WAITING, Invitation.State.EXPIRED, Invitation.State.REVOKED)  # what a removal still ends


@dataclass(frozen=True)
class NewPerson:
    """What an invited person without a login fills in; the form has run every password validator."""

    name: str
    surname: str
    password: str | None  # None: a passkey follows
    language: str = "en"


# ---- Inviting ---------------------------------------------------------------------------------------
@transaction.atomic
def invite_operators(
    *,
    account: Account,
    rows: Sequence[NewInvite],
    by: Membership,
    source: str = Invitation.Source.HAND,
    facts: Mapping[str, int] | None = None,
) -> list[InviteOutcome]:
    """Invites those rows that can be, and says of each row what became of it, in order (S47, S94, S96).

    The invitations and their mails are written together or not at all, in as many statements for 1 row as for 100;
    the account is locked, and the unique address per account is the guard. `facts` are more counts for the log.
    Raises Refused: `not_found` for who may not, `read_only` after the trial, `bad_role` for a role that nobody can
    be invited to.
    """
    _lock(by, account)
    if account.is_read_only():
        raise Refused("read_only", _("The trial has ended. Nobody can be invited."), status=403)
    if {row.role for row in rows} - set(Invitation.ROLES):
        raise Refused("bad_role", _("Choose a role from the list"))
    outcomes = judge(account, rows)
    places = [place for place, outcome in enumerate(outcomes) if outcome.code == CREATED]
    now = timezone.now()
    made: list[Invitation] = []
    letters: list[str] = []
    for place in places:
        read = read_invite(rows[place])
        assert isinstance(read, Read)
        token = _new_token()
        letters.append(token)
        made.append(
            Invitation(
                account=account, address_hash=read.address_hash, email=read.email, name=read.name,
                role=rows[place].role, source=source, invited_by=by, token_hash=queries.hash_token(token),
                created_at=now, sent_at=now, expires_at=now + Invitation.LIFE,
            )
        )  # fmt: skip
    if made:
        with account_scope(account):
            made = Invitation.objects.bulk_create(made)
        enqueue_many([_mail(*pair) for pair in zip(made, letters, strict=True)])
        counts = Counter(outcome.code for outcome in outcomes)
        record(
            account_ref=account.pk, actor=f"user:{by.user_id}", subject=f"account:{account.pk}",
            action="operators.invited", facts={"rows": len(rows), "source": str(source), **counts, **(facts or {})},
        )  # fmt: skip
    for place, invitation in zip(places, made, strict=True):
        outcomes[place] = InviteOutcome(rows[place], CREATED, invitation)
    return outcomes


@transaction.atomic
def send_again(*, invitation: Invitation, by: Membership, row: NewInvite | None = None) -> Invitation:
    """Sends an invitation once more, with a new link; only a person presses this, at most three times (S96).

    `row` holds name, address and role typed anew, needed where they were erased. Raises Refused: `not_found`,
    `not_invited` (the address was removed), `already_operator`, `too_often`, `address_gone`, `read_only`.
    """
    account = _lock(by, invitation.account)
    if account.is_read_only():
        raise Refused("read_only", _("The trial has ended. Nobody can be invited."), status=403)
    fresh = _find(invitation)
    suppressed = list_suppressed_hashes([fresh.address_hash], Purpose.INVITATION)
    if fresh.state == Invitation.State.REMOVED or suppressed:
        raise Refused("not_invited", _("Not invited"))
    read = _read_again(fresh, row)
    if judge(account, [NewInvite(read.name, read.email)])[0].code == "already_operator":
        raise Refused("already_operator", _("Is in your team already"))
    if fresh.sends >= Invitation.MOST_SENDS:
        raise Refused("too_often", _("This invitation was sent again three times. Copy its link instead."))
    now, token = timezone.now(), _new_token()
    with account_scope(account):
        Invitation.objects.filter(pk=fresh.pk).update(
            state=Invitation.State.WAITING, email=read.email, name=read.name, role=row.role if row else fresh.role,
            token_hash=queries.hash_token(token), link_hash="", sends=F("sends") + 1, invited_by=by, sent_at=now,
            expires_at=now + Invitation.LIFE, answered_at=None,
        )  # fmt: skip
        fresh.refresh_from_db()
    enqueue_many([_mail(fresh, token)])
    _log(fresh, f"user:{by.user_id}", "invitation.sent_again", sends=fresh.sends)
    return fresh


@transaction.atomic
def copy_link(*, invitation: Invitation, by: Membership) -> str:
    """A new link of an invitation that waits, as a token; the last copied one ends, that of the mail goes on.

    A copied link does not prove the address: who comes by it confirms it first. Raises Refused `not_found`, `over`.
    """
    account = _lock(by, invitation.account)
    fresh = _find(invitation)
    if not fresh.is_open():
        raise Refused("over", _("This invitation has ended. Send it again first."))
    token = _new_token()
    with account_scope(account):
        Invitation.objects.filter(pk=fresh.pk).update(link_hash=queries.hash_token(token))
    _log(fresh, f"user:{by.user_id}", "invitation.link_copied")
    return token


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Membership) -> None:
    """Withdraws an invitation: its links end, name and address are erased. Raises Refused `not_found`."""
    account = _lock(by, invitation.account)
    with account_scope(account):
        waits = Invitation.objects.filter(
            pk=invitation.pk, state__in=[Invitation.State.WAITING, Invitation.State.EXPIRED]
        )
        ended = waits.update(
            state=Invitation.State.REVOKED, email="", name="", claimed_by=None, answered_at=timezone.now()
        )
    if not ended:
        raise not_found()
    _log(invitation, f"user:{by.user_id}", "invitation.revoked")


# ---- Answering --------------------------------------------------------------------------------------
@transaction.atomic
def accept_invitation(*, token: str, person: User | NewPerson, versions: Sequence[Version]) -> Membership:
    """Makes the invited person a member with the invitation's role; of any number of clicks one does it.

    A `User` is somebody who is logged in and has proved the same address. A `NewPerson` gets a login whose address
    counts as proved, because the link came by mail. Raises Refused: `not_found` (wrong, used, ended or withdrawn:
    all the same), `other_person`, `no_policy`, `taken` (the address has a login: log in first).
    """
    found = queries.find_open_invitation(token)
    return _accept(found.invitation, person, versions, proved=found.proved)


def _accept(
    invitation: Invitation, person: User | NewPerson, versions: Sequence[Version], *, proved: bool
) -> Membership:
    """Stands in the caller's transaction: ends the invitation, then makes the member."""
    account, email, now = invitation.account, invitation.email, timezone.now()
    if isinstance(person, User) and invitation.address_hash not in queries.hash_verified_addresses(person):
        raise Refused("other_person", _("This invitation is for another address than yours."), status=403)
    if isinstance(person, NewPerson) and not proved:
        raise not_found()
    _check_versions(versions)
    with account_scope(account):
        waits = Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.WAITING, expires_at__gt=now)
        if not waits.update(
            state=Invitation.State.ACCEPTED, email="", name="", claimed_by=None, link_hash="", answered_at=now
        ):
            raise not_found()
    user = person if isinstance(person, User) else _register(person, email, verified=True)
    for version in versions:
        record_acceptance(user=user, version=version, channel=Acceptance.Channel.INVITATION)
    membership = Membership.objects.select_related("account", "user").filter(user=user, account=account).first()
    if membership is None:
        membership = add_member(account=account, user=user, role=invitation.role, by=None)
    ensure_operator(membership=membership)
    _log(invitation, f"user:{user.pk}", "invitation.accepted", role=membership.role)
    return membership


@transaction.atomic
def claim_invitation(*, token: str, person: NewPerson, versions: Sequence[Version]) -> User | None:
    """Takes the form of somebody who came by a copied link: a login whose address is still to be confirmed.

    The membership follows with the confirmation (`finish_claimed`). None when the address has a login already; the
    page must look the same then. Raises Refused `not_found`, `no_policy`.
    """
    invitation = queries.find_open_invitation(token).invitation
    _check_versions(versions)
    try:
        with transaction.atomic():
            user = _register(person, invitation.email, verified=False)
    except Refused as refused:
        if refused.code != "taken":
            raise
        make_password(person.password)  # takes as long as for a new login
        return None
    for version in versions:
        record_acceptance(user=user, version=version, channel=Acceptance.Channel.INVITATION)
    until = timezone.now() + timedelta(days=CLAIM_DAYS)
    with account_scope(invitation.account):
        Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.WAITING).update(
            claimed_by=user, expires_at=Greatest("expires_at", until)
        )
    return user


@transaction.atomic
def finish_claimed(*, user: User) -> int:
    """Called when a person confirmed an address: accepts what they claimed by a copied link. Returns how many."""
    done = 0
    for invitation in queries.list_claimed(user):
        if invitation.is_open() and invitation.address_hash in queries.hash_verified_addresses(user):
            _accept(invitation, user, list_versions_to_sign(), proved=True)
            done += 1
    return done


# ---- Removing and ending ----------------------------------------------------------------------------
@transaction.atomic
def remove_address(*, token: str) -> str:
    """The invited person's "Remove my address": erased, and never invited again by anybody (S97).

    Works for every link that was not accepted, ended ones too. Answers the path of the page with the certificate, for
    a worker looks everywhere afterwards (P6); "" when there is nothing behind the token, or it was removed before.
    """
    invitation = queries.find_invitation(token)
    if invitation is None or invitation.state == Invitation.State.ACCEPTED:
        return ""
    everywhere = Invitation.objects.with_scopes_disabled()
    held = everywhere.filter(address_hash=invitation.address_hash, state__in=OVER).values_list("pk", flat=True)
    refs = [SubjectRef(Subject.INVITED, pk) for pk in held]
    page = begin_erasure(refs) if refs else ""  # first: it writes down the words to look for
    _forget(invitation.address_hash, actor=f"invitation:{invitation.pk}")
    return page


@transaction.atomic
def forget_invited_address(*, email: str, actor: str) -> int:
    """The same for a request by mail to our support; `actor` is who answered it. Returns how many invitations ended.

    Raises ValueError when `email` is no address.
    """
    return _forget(hash_address(email), actor=actor)


@transaction.atomic
def end_erased(*, keys: Sequence[int]) -> None:
    """Invitations are about to be erased, whoever asked for it: they end, and the address is not invited again."""
    rows = Invitation.objects.with_scopes_disabled().filter(pk__in=keys, state__in=OVER)
    for address_hash in set(rows.values_list("address_hash", flat=True)):
        _forget(address_hash, actor="system")


def _forget(address_hash: str, *, actor: str) -> int:
    suppress_hash(hashed=address_hash, reason=Suppression.Reason.REMOVED, purpose=Purpose.INVITATION.value)
    everywhere = Invitation.objects.with_scopes_disabled()  # the person's wish holds for every account
    rows = list(everywhere.select_for_update().filter(address_hash=address_hash, state__in=OVER))
    everywhere.filter(pk__in=[row.pk for row in rows]).update(
        state=Invitation.State.REMOVED, email="", name="", claimed_by=None, link_hash="", answered_at=timezone.now()
    )
    for row in rows:
        _log(row, actor, "invitation.address_removed")
    return len(rows)


@transaction.atomic
def expire_invitations(*, now: datetime | None = None) -> int:
    """Marks invitations whose seven days are over; name and address stay until their own days are. Returns how many."""
    every = Invitation.objects.with_scopes_disabled()  # the clock's work, for every account
    over = every.filter(state=Invitation.State.WAITING, expires_at__lte=now or timezone.now())
    return int(over.update(state=Invitation.State.EXPIRED, claimed_by=None))


# ---- Parts --------------------------------------------------------------------------------------------
def _lock(by: Membership, account: Account) -> Account:
    """The account, locked, when `by` may edit its team; else Refused `not_found`."""
    rows = Membership.objects.select_for_update(of=("account",), no_key=True).select_related("account")
    fresh = rows.filter(pk=by.pk, account_id=account.pk, user__is_active=True).first()
    if fresh is None or not can(fresh, "team.edit"):
        raise not_found()
    return fresh.account


def _find(invitation: Invitation) -> Invitation:
    rows = Invitation.of(invitation.account).select_for_update().filter(pk=invitation.pk)
    fresh = rows.first()
    if fresh is None:
        raise not_found()
    return fresh


def _read_again(fresh: Invitation, row: NewInvite | None) -> Read:
    """Name and address of a repeated invitation: typed anew, or those that are still there."""
    if row is None:
        if not fresh.email:
            raise Refused("address_gone", _("The address was erased. Write name and address again."))
        return Read(fresh.name, fresh.email, fresh.address_hash)
    read = read_invite(row)
    if not isinstance(read, Read) or read.address_hash != fresh.address_hash or row.role not in Invitation.ROLES:
        raise not_found()
    return read


def _new_token() -> str:
    return secrets.token_urlsafe(32)  # 256 bits


def _mail(invitation: Invitation, token: str) -> NewDelivery:
    """The outbox row of one send; the token travels encrypted and is nowhere else but in its hash."""
    return NewDelivery(
        kind=KIND,
        key=f"{invitation.pk}:{invitation.sends}",
        recipient=f"invitation:{invitation.pk}",
        payload={"token": seal(token)},
        account_ref=invitation.account_id,
        expires_at=invitation.expires_at,
    )


def _register(person: NewPerson, email: str, *, verified: bool) -> User:
    return register_person(
        email=email, password=person.password, name=person.name, surname=person.surname, language=person.language,
        verified=verified, over_thirteen=True,
    )  # fmt: skip


def _check_versions(versions: Sequence[Version]) -> None:
    in_force = list_versions_to_sign()
    if not in_force or {one.pk for one in in_force} - {one.pk for one in versions}:
        raise Refused("no_policy", _("Accept the privacy policy and the terms"))


def _log(invitation: Invitation, actor: str, action: str, **facts: object) -> None:
    record(
        account_ref=invitation.account_id, actor=actor, subject=f"invitation:{invitation.pk}", action=action,
        facts=facts,
    )  # fmt: skip
