"""Reads over people and accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import networks
from accounts.models import (
    AccessRecovery,
    AccessRule,
    Account,
    ApiKey,
    MemberBlock,
    Membership,
    StaffAssignment,
    User,
)
from accounts.scoping import account_scope
from accounts.websites import same_site
from core.errors import not_found
from core.templatetags.look import initials
from policies.models import Version
from policies.queries import find_version_in_force


@dataclass(frozen=True)
class LastSeen:
    """A member, and from where and when they last logged in; address "" and moment None: not lately."""

    member: Membership
    address: str
    at: datetime | None


@dataclass(frozen=True)
class PublicPerson:
    """All that everybody may know of a member: no id, e-mail, real name or number at a service (S84)."""

    name: str
    initials: str
    photo_url: str | None
    handle: str


def public_name(user: User | None) -> str:
    """The name that a member chose for the public; "Deleted member" for one who is gone."""
    if user is None or not user.is_active:
        return _("Deleted member")
    return user.display_name or _("Member")  # without a name they have not written yet


def public_person(user: User | None) -> PublicPerson:
    """What the public is shown beside something that this member wrote; a minor's photo is left out (S50)."""
    name = public_name(user)
    if user is None or not user.is_active:
        return PublicPerson(name, "–", None, "")
    shown = bool(user.photo_key and user.handle and not user.is_minor)
    photo = reverse("accounts:member_photo", args=[user.photo_key]) if shown else None
    return PublicPerson(name, initials(name), photo, user.handle or "")


def public_people(ids: Iterable[int]) -> dict[int, PublicPerson]:
    """The public persons behind primary keys, in one statement; who is gone is there too, as "Deleted member"."""
    wanted = set(ids)
    fields = ("pk", "display_name", "handle", "photo_key", "is_minor", "is_active")
    found = {user.pk: user for user in User.objects.filter(pk__in=wanted).only(*fields)} if wanted else {}
    return {pk: public_person(found.get(pk)) for pk in wanted}


def find_member(handle: str) -> User | None:
    """The member with this handle, while they are here."""
    return User.objects.filter(handle=handle, is_active=True).first() if handle else None


def find_members(handles: Iterable[str]) -> dict[str, User]:
    """The members with these handles, while they are here: {handle: User}, in one statement."""
    wanted = set(handles)
    rows = User.objects.filter(handle__in=wanted, is_active=True) if wanted else []
    return {user.handle or "": user for user in rows}


def member_gaps(user: Any) -> list[str]:
    """What a person must still say before their first post or request: any of "age", "display_name" (S49, S84)."""
    gaps = [] if user.over_thirteen_at else ["age"]
    return gaps if user.display_name else [*gaps, "display_name"]


def blocked_ids(user_id: int) -> set[int]:
    """Of whom this member wants to read and hear nothing, as primary keys."""
    return set(MemberBlock.objects.filter(user_id=user_id).values_list("blocked_id", flat=True))


def blockers_of(user_id: int, among: Iterable[int]) -> set[int]:
    """Those of `among` who blocked this member: they get no notice of what the member writes."""
    rows = MemberBlock.objects.filter(blocked_id=user_id, user_id__in=list(among))
    return set(rows.values_list("user_id", flat=True))


def list_blocks(user: User) -> list[MemberBlock]:
    """Whom this member blocked, the newest first."""
    return list(MemberBlock.objects.filter(user=user).select_related("blocked").order_by("-created_at", "-pk"))


def find_block(user: User, pk: int) -> MemberBlock:
    """One row of this member's own list. Refuses `not_found`."""
    row = MemberBlock.objects.filter(user=user, pk=pk).select_related("blocked").first()
    if row is None:
        raise not_found()
    return row


def find_member_photo(key: str) -> User | None:
    """The person with this photo who writes in public under a name of their own, and is no minor."""
    public = User.objects.filter(handle__isnull=False, is_minor=False, is_active=True)
    return public.filter(photo_key=key).first() if key else None


def has_role(user: Any, role: str) -> bool:
    """Whether a person is active staff with this role; the second factor is another question."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return False
    return StaffAssignment.objects.filter(user_id=user.pk, role=role).exists()


def find_active_membership(request: HttpRequest) -> Membership | None:
    """The membership that the session chose, else the person's oldest; None for who is not signed in."""
    if not request.user.is_authenticated:
        return None
    own = list_memberships(request.user)
    chosen = request.session.get("membership")
    return (own.filter(pk=chosen).first() if chosen else None) or own.first()


def list_memberships(user: Any) -> QuerySet[Membership]:
    """A person's memberships with account and user, oldest first."""
    return Membership.objects.select_related("account", "user").filter(user_id=user.pk).order_by("pk")


def list_versions_to_sign() -> list[Version]:
    """The policy and the terms in force, as sign-up shows them; empty when one of the two is not published (S2)."""
    found = [find_version_in_force(kind) for kind in (Version.Kind.POLICY, Version.Kind.TERMS)]
    versions = [version for version in found if version is not None]
    return versions if len(versions) == len(found) else []


def is_website_taken(website: str) -> bool:
    """Whether a confirmed owner has an account for this website, with or without "www." (SAFETY: trial)."""
    return find_first_account_of_website(website) is not None


def find_first_account_of_website(website: str, besides: int | None = None) -> Account | None:
    """The oldest account of this website whose owner confirmed the e-mail; `besides` leaves one out."""
    confirmed = EmailAddress.objects.filter(verified=True).values("user_id")
    return (
        Account.objects.filter(
            website__in=same_site(website),
            memberships__role=Membership.Role.OWNER,
            memberships__user_id__in=confirmed,
        )
        .exclude(pk=besides or 0)
        .order_by("created_at", "pk")
        .first()
    )


def find_user_by_email(email: str) -> User | None:
    """The active person whose log-in or confirmed address this is."""
    email = email.strip().lower()
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        address = EmailAddress.objects.filter(email=email, verified=True, user__is_active=True).first()
        user = User.objects.filter(pk=address.user_id).first() if address else None
    return user


def has_second_factor(user: Any) -> bool:
    """Whether the person's log-in asks for an authenticator app or a security key."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def list_people_with_second_factor(user_ids: Iterable[int]) -> set[int]:
    """Those of the people whose log-in asks for a second step, in one statement."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return set(
        Authenticator.objects.filter(user_id__in=list(user_ids), type__in=kinds).values_list("user_id", flat=True)
    )


def list_second_factors(user: Any) -> set[str]:
    """Which second steps a person has: any of "totp", "webauthn", "recovery_codes"."""
    return set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))


def count_sessions(user: Any) -> int:
    """How many sessions of a person are listed; those that ended are left out when the list is opened."""
    return int(UserSession.objects.filter(user_id=user.pk).count())


def users_by_pk(recipients: Iterable[str]) -> dict[str, User]:
    """Active people by their outbox word: {"user:12": User}."""
    pks = {int(word.partition(":")[2]) for word in recipients if word.startswith("user:")}
    return {f"user:{user.pk}": user for user in User.objects.filter(pk__in=pks, is_active=True)}


def find_api_key(secret_hash: str) -> ApiKey | None:
    """The key with this hash, while it is open and its member is active; with account, membership and person."""
    every = ApiKey.objects.with_scopes_disabled()  # the secret names the account
    found: ApiKey | None = (
        every.select_related("account", "membership__user", "membership__account")
        .filter(secret_hash=secret_hash, membership__user__is_active=True)
        .first()
    )
    return found if found is not None and found.is_open() else None


def list_api_keys(membership: Membership, *, everybody: bool = False) -> list[ApiKey]:
    """The keys of one member, or of the whole account: the open ones first, then the newest."""
    keys = ApiKey.objects.select_related("membership__user")
    if not everybody:
        keys = keys.filter(membership=membership)
    return sorted(keys.order_by("-pk"), key=lambda key: not key.is_open())


def may_come_in(account: Account, address: str) -> bool:
    """Whether a member of the account may come in from this address (SAFETY: IP allow list)."""
    if account.access_mode == Account.AccessMode.EVERYONE:
        return True
    return networks.holds(AccessRule.of(account).values_list("network", flat=True), address)


def list_access_rules() -> list[AccessRule]:
    """The rows of the list, with who added them, in the order of their addresses."""
    rules = AccessRule.objects.select_related("added_by")
    return sorted(rules, key=lambda rule: networks.sort_key(rule.network))


def find_access_rule(public_id: Any) -> AccessRule:
    """One row of the account's list. Refuses `not_found`."""
    rule: AccessRule | None = AccessRule.objects.filter(public_id=public_id).first()
    if rule is None:
        raise not_found()
    return rule


def find_owner(*, account_id: int, user_id: int) -> Membership | None:
    """The person's ownership of the account, while they are active."""
    owners = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True)
    return owners.select_related("account", "user").filter(account_id=account_id, user_id=user_id).first()


def scope_of(owned: Any) -> Any:
    """Context manager: the scope of the account of a row whose reader has just proved the right to it."""
    return account_scope(owned.account)


def find_api_key_for(membership: Membership, public_id: Any, *, everybody: bool = False) -> ApiKey:
    """A key of this member, or of anybody in the account. Refuses `not_found`."""
    keys = ApiKey.objects.select_related("membership__user").filter(public_id=public_id)
    key: ApiKey | None = (keys if everybody else keys.filter(membership=membership)).first()
    if key is None:
        raise not_found()
    return key


def find_recovery_for(user: Any, public_id: Any, now: datetime) -> AccessRecovery | None:
    """The link that this person was sent as an owner, while it can still be used."""
    every = AccessRecovery.objects.with_scopes_disabled().select_related("account")  # the link names the account
    found: AccessRecovery | None = every.filter(
        public_id=public_id,
        owner__user_id=user.pk,
        owner__role=Membership.Role.OWNER,
        used_at=None,
        expires_at__gt=now,
    ).first()
    return found


def list_last_seen(account: Account) -> list[LastSeen]:
    """Each active member with the address and moment of their last log-in (None: not in the last 30 days)."""
    members = Membership.objects.filter(account=account, user__is_active=True).select_related("user").order_by("pk")
    found: dict[int, UserSession] = {}
    ids = [member.user_id for member in members]
    for session in UserSession.objects.filter(user_id__in=ids).order_by("last_seen_at", "pk"):
        found[session.user_id] = session
    return [
        LastSeen(
            member,
            str(found[member.user_id].ip) if member.user_id in found else "",
            found[member.user_id].last_seen_at if member.user_id in found else None,
        )
        for member in members
    ]
