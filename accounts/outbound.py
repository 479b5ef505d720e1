"""Mails of this app: sign-up, log-in, security notices, the end of the trial; and the cookies of a login."""

import datetime
import zoneinfo
from collections.abc import Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import links, provider_list
from accounts.models import RECOVERY_MINUTES, AccessRecovery, Account, User
from accounts.notices import NOTICES
from accounts.provider_http import RECIPIENT
from accounts.queries import users_by_pk
from accounts.sealing import unseal
from core.outbound import Address, Cookie, Letter, MailKind, Recipient, registry
from core.personal_data import Purpose
from policies.models import Version

OWN_PURPOSES = frozenset({Purpose.ACCOUNT, Purpose.SERVICE})  # what a log-in address was given for


def address_of(user: User, email: str = "") -> Address:
    """The person's address with the purposes that it was given for (P8)."""
    return Address(email or user.email, OWN_PURPOSES, name=user.get_full_name(), subject=f"user:{user.pk}")


def load_confirmations(rows: Sequence[Any]) -> dict[int, Letter]:
    """The link that confirms an address; an address that is confirmed or gone by now gets no mail."""
    wanted = {row.payload["address"] for row in rows}
    found = EmailAddress.objects.filter(pk__in=wanted, verified=False).select_related("user").in_bulk()
    letters = {}
    for row in rows:
        address = found.get(row.payload["address"])
        if address is not None and address.user.is_active:
            context = {"name": address.user.name, "url": links.confirmation_url(address), "days": 3}
            letters[row.pk] = Letter(address_of(address.user, address.email), context, address.user.language)
    return letters


def load_already_exists(rows: Sequence[Any]) -> dict[int, Letter]:
    """Somebody signed up with an address that has a login: the address hears of it, the page does not say it."""
    urls = {
        "login_url": links.absolute(reverse("account_login")),
        "reset_url": links.absolute(reverse("account_reset_password")),
    }
    return _letters(rows, lambda row, user: urls)


def load_password_resets(rows: Sequence[Any]) -> dict[int, Letter]:
    """The link that sets a new password; the token is made now and never stored."""
    return _letters(rows, lambda row, user: {"url": links.password_reset_url(user)})


def load_login_codes(rows: Sequence[Any]) -> dict[int, Letter]:
    """The code of a log-in by mail."""
    return _letters(rows, lambda row, user: {"code": unseal(row.payload["code"]), "minutes": 3})


def load_security_notices(rows: Sequence[Any]) -> dict[int, Letter]:
    """What happened to a login, when and on which kind of device."""
    people = users_by_pk(row.recipient for row in rows)
    security_url = links.absolute(reverse("accounts:profile") + "#login")
    letters = {}
    for row in rows:
        user = people.get(row.recipient)
        if user is not None:
            notice = NOTICES[row.payload["event"]]
            context = {
                "name": user.name,
                "subject": notice.subject,
                "text": notice.text,
                "at": _local(datetime.datetime.fromisoformat(row.payload["at"]), datetime.UTC),
                "device": row.payload["device"],
                "url": security_url,
                "reset_url": links.absolute(reverse("account_reset_password")),
            }
            old_address = unseal(row.payload["to"]) if "to" in row.payload else ""
            letters[row.pk] = Letter(address_of(user, old_address), context, user.language)
    return letters


def load_trial_reminders(rows: Sequence[Any]) -> dict[int, Letter]:
    """How long the trial still runs and what happens then; nothing where it was prolonged meanwhile (S11)."""
    people = users_by_pk(row.recipient for row in rows)
    accounts = Account.objects.in_bulk({row.payload["account"] for row in rows})
    letters = {}
    for row in rows:
        user, account = people.get(row.recipient), accounts.get(row.payload["account"])
        left = account.trial_days_left() if account else None
        if user is not None and account is not None and left:
            context = {
                "name": user.name,
                "company": account.company,
                "days": left,
                "ends_at": _local(account.trial_ends_at, account.zone),
                "url": links.absolute(reverse("accounts:profile")),
                "support": settings.SUPPORT_EMAIL,
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters


def load_access_recoveries(rows: Sequence[Any]) -> dict[int, Letter]:
    """The link that opens the door again; its token is made now. A link that was used or is too old is not sent."""
    people = users_by_pk(row.recipient for row in rows)
    every = AccessRecovery.objects.with_scopes_disabled()
    found = every.select_related("account").in_bulk([row.payload["recovery"] for row in rows])
    now = timezone.now()
    letters = {}
    for row in rows:
        user, link = people.get(row.recipient), found.get(row.payload["recovery"])
        if user is not None and link is not None and link.used_at is None and link.expires_at > now:
            context = {
                "name": user.name,
                "company": link.account.company,
                "minutes": RECOVERY_MINUTES,
                "url": links.recovery_url(link),
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters


def load_ways_back(rows: Sequence[Any]) -> dict[int, Letter]:
    """To who left: the link that undoes it, and until when; nobody who is back or gone gets it."""
    pks = {int(row.recipient.partition(":")[2]) for row in rows}
    left = {
        f"user:{user.pk}": user for user in User.objects.filter(pk__in=pks, is_active=False, erase_at__isnull=False)
    }
    letters = {}
    for row in rows:
        user = left.get(row.recipient)
        if user is not None:
            context = {
                "name": user.name,
                "until": _local(user.erase_at, _zone_of(user)),
                "url": links.way_back_url(user),
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters


def load_policy_notices(rows: Sequence[Any]) -> dict[int, Letter]:
    """That a version of policy or terms takes effect, when, and what changes in short (S104)."""
    versions = Version.objects.in_bulk({row.payload["version"] for row in rows})

    def context(row: Any, user: User) -> dict[str, Any]:
        version = versions[row.payload["version"]]
        return {
            "kind": version.kind,
            "number": version.number,
            "effective_at": version.effective_at,
            "short": version.short,
            "url": links.version_url(version),
        }

    return _letters([row for row in rows if row.payload["version"] in versions], context)


def load_account_closed(rows: Sequence[Any]) -> dict[int, Letter]:
    """To the owners: the account was closed, until when it can be opened again."""
    people = users_by_pk(row.recipient for row in rows)
    accounts = Account.objects.in_bulk({row.payload["account"] for row in rows})
    letters = {}
    for row in rows:
        user, account = people.get(row.recipient), accounts.get(row.payload["account"])
        if user is not None and account is not None and account.erase_at is not None:
            context = {
                "name": user.name,
                "company": account.company,
                "until": _local(account.erase_at, account.zone),
                "url": links.absolute(reverse("accounts:profile") + "#close"),
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters


def _zone_of(user: User) -> datetime.tzinfo:
    return zoneinfo.ZoneInfo(user.time_zone or "UTC")


def _local(instant: datetime.datetime | None, zone: datetime.tzinfo) -> datetime.datetime | None:
    """The wall clock of that zone, without a zone: a template would turn it back to UTC otherwise."""
    return instant.astimezone(zone).replace(tzinfo=None) if instant else None


def _letters(rows: Sequence[Any], context: Any) -> dict[int, Letter]:
    people = users_by_pk(row.recipient for row in rows)
    return {
        row.pk: Letter(
            address_of(people[row.recipient]),
            {"name": people[row.recipient].name, **context(row, people[row.recipient])},
            people[row.recipient].language,
        )
        for row in rows
        if row.recipient in people
    }


def _kind(name: str, load: Any, label: Any, purpose: Purpose = Purpose.ACCOUNT, template: str = "") -> MailKind:
    return MailKind(f"accounts.{name}", purpose, f"accounts/mail/{template or name}", load, label=label)


registry.register(
    _kind("confirm_signup", load_confirmations, _("Confirm your e-mail")),
    _kind("confirm_address", load_confirmations, _("Confirm a new e-mail")),
    _kind("already_exists", load_already_exists, _("Your address was used to sign up")),
    _kind("password_reset", load_password_resets, _("Link for a new password")),
    _kind("login_code", load_login_codes, _("Log-in code")),
    _kind("security_notice", load_security_notices, _("A change of your login")),
    _kind("access_recovery", load_access_recoveries, _("Link that lets your team in again")),
    _kind("way_back", load_ways_back, _("The way back after you left")),
    _kind("account_closed", load_account_closed, _("Your account was closed")),
    _kind("policy_notice", load_policy_notices, _("A new version of policy or terms"), Purpose.SERVICE),
    _kind("trial_ending", load_trial_reminders, _("The end of the trial"), Purpose.SERVICE),
    Recipient(
        RECIPIENT,
        _("The sign-in service that you choose"),
        (Purpose.ACCOUNT,),
        _("That you log in here, or let it fill in a form, when you press its button; nothing about what you do here."),
        find_hosts=provider_list.list_hosts,
    ),
    Cookie(
        settings.SESSION_COOKIE_NAME,
        _("Keeps you logged in; on the way to a sign-in service and back, knows this browser again"),
        _("14 days, or until you log out; on that way half an hour at most"),
    ),
    Cookie(
        settings.CSRF_COOKIE_NAME, _("Proves that a form was sent from this site"), _("one year, renewed by each form")
    ),
    Cookie(
        "django.admin.filtersState",
        _("Which filters our staff folded in the administration"),
        _("until the tab is closed"),
        where="sessionStorage",
    ),
)
