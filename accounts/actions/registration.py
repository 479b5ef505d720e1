"""Sign-up of a company with its owner, and of our own staff."""

import datetime
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.events import membership_created
from accounts.models import Account, Membership, User
from accounts.websites import read_website
from audit.actions import record
from core.errors import Refused
from policies.actions import record_acceptance
from policies.models import Acceptance, Version


@transaction.atomic
def register(
    *,
    email: str,
    password: str | None,
    name: str,
    surname: str,
    company: str,
    address: str,
    website: str,
    versions: "list[Version]",
    time_zone: str = "UTC",
    language: str = "en",
    channel: str = Acceptance.Channel.SIGNUP,
    verified: bool = False,
) -> User:
    """Creates a person, their company and their ownership of it, with the acceptances of `versions` (S2, S10, S11).

    The trial ends TRIAL_DAYS after this instant; with TRIAL_DAYS=0 there is none. `verified` is for addresses that
    were proved elsewhere, and no password for who logs in with another service. Refuses `no_policy` unless policy and
    terms in force are among `versions`, `second_trial` for a website that already has an account, `bad_website`, and
    `taken` for an e-mail that has a login.
    """
    check_versions(versions)
    origin = read_website(website)
    if settings.TRIAL_DAYS and queries.is_website_taken(origin):
        raise Refused("second_trial", second_trial_sentence())
    now = timezone.now()
    email = email.strip().lower()
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, name=name, surname=surname, language=language, over_thirteen_at=now, date_joined=now
            )
    except IntegrityError:
        raise Refused("taken", _("This e-mail cannot be used.")) from None
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
    account = _create_account(company=company, address=address, website=origin, time_zone=time_zone, now=now)
    membership = Membership.objects.create(user=user, account=account, role=Membership.Role.OWNER)
    for version in versions:
        record_acceptance(user=user, version=version, channel=channel)
    record(
        account_ref=account.pk,
        actor=f"user:{user.pk}",
        subject=f"user:{user.pk}",
        action="account.registered",
        facts={"trial_days": settings.TRIAL_DAYS, "versions": [f"{v.kind} {v.number}" for v in versions]},
    )
    transaction.on_commit(lambda: membership_created.send_robust(sender=Membership, membership_id=membership.pk))
    return user


def second_trial_sentence() -> str:
    """The sentence for a website that has an account already; it says nothing about any e-mail."""
    return _("This website has an account already. Ask its owner to add you, or write to %(support)s") % {
        "support": settings.SUPPORT_EMAIL
    }


@transaction.atomic
def register_person(
    *,
    email: str,
    password: str | None,
    name: str,
    surname: str = "",
    language: str = "en",
    verified: bool = True,
    over_thirteen: bool = False,
) -> User:
    """Creates a person without an account, whose address was proved elsewhere (an invitation, a command).

    Without a password they log in with a passkey or a code by mail. With `verified=False` they must confirm the
    address before they can log in. Refuses `taken` for an e-mail that has a login.
    """
    email, now = email.strip().lower(), timezone.now()
    if User.objects.filter(email=email).exists():
        raise Refused("taken", _("This e-mail cannot be used."))
    user = User.objects.create_user(
        email,
        password,
        name=name,
        surname=surname,
        language=language,
        over_thirteen_at=now if over_thirteen else None,
    )
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
    record(account_ref=None, actor="system", subject=f"user:{user.pk}", action="user.added")
    return user


@transaction.atomic
def register_staff(*, email: str, password: str, name: str, surname: str = "", administrator: bool = False) -> User:
    """Creates a person of our own staff, without an account; only an administrator may use the admin (S74).

    What others may do comes from a role (`give_role`). Refuses `taken` for an e-mail that has a login.
    """
    user = register_person(email=email, password=password, name=name, surname=surname)
    user.is_staff, user.is_superuser = True, administrator
    user.save(update_fields=["is_staff", "is_superuser"])
    record(
        account_ref=None,
        actor="system",
        subject=f"user:{user.pk}",
        action="staff.added",
        facts={"administrator": administrator},
    )
    return user


def check_versions(versions: "list[Version]") -> None:
    """Refuses `no_policy` unless policy and terms in force are among `versions`."""
    in_force = queries.list_versions_to_sign()
    if not in_force or {v.pk for v in in_force} - {v.pk for v in versions}:
        raise Refused("no_policy", _("Sign-up is closed until the privacy policy and the terms are published."))


def _create_account(*, company: str, address: str, website: str, time_zone: str, now: datetime.datetime) -> Account:
    trial_ends_at = now + datetime.timedelta(days=settings.TRIAL_DAYS) if settings.TRIAL_DAYS else None
    base = slugify(company)[:50].strip("-") or "account"
    taken = Account.objects.filter(slug=base).exists()
    for attempt in range(5):
        slug = f"{base}-{secrets.token_hex(3)}" if taken or attempt else base
        try:
            with transaction.atomic():
                return Account.objects.create(
                    slug=slug,
                    company=company,
                    address=address,
                    website=website,
                    time_zone=time_zone,
                    trial_ends_at=trial_ends_at,
                    created_at=now,
                )
        except IntegrityError:  # somebody took the slug between the look and the insert
            continue
    raise Refused("busy", _("Please try again in a moment."), status=503)
