"""Writes about other services: joining with one, ending a connection, and the list that administrators keep."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import provider_queries
from accounts.actions.changes import note_change
from accounts.actions.people import end_some_sessions, remove_unproved
from accounts.actions.registration import check_versions, register, register_person
from accounts.models import SignInProvider, User
from accounts.sealing import seal
from audit.actions import record
from core.errors import Refused
from policies.actions import record_acceptance
from policies.models import Acceptance, Version


@transaction.atomic
def join(
    *,
    key: str,
    uid: str,
    gave: list[str],
    email: str,
    verified: bool,
    name: str,
    surname: str,
    versions: list[Version],
    language: str,
    company: dict[str, str] | None = None,
) -> User:
    """Creates a person who logs in with another service (`key`, `uid`), with or without a company of their own (S91).

    `gave` names the fields that the person chose to take over; nothing else of the service is stored. `verified` says
    that a trusted service proved the address: then a sign-up with it that nobody proved is removed. Refuses `taken`,
    and what `register` refuses.
    """
    check_versions(versions)
    before = provider_queries.find_unproved(email) if verified else None
    if before is not None:
        remove_unproved(user=before)
    if company is not None:
        user = register(
            email=email, password=None, name=name, surname=surname, versions=versions, language=language,
            verified=verified, **company,
        )  # fmt: skip
    else:
        user = register_person(
            email=email, password=None, name=name, surname=surname, language=language, verified=verified,
            over_thirteen=True,
        )  # fmt: skip
        for version in versions:
            record_acceptance(user=user, version=version, channel=Acceptance.Channel.SIGNUP)
    SocialAccount.objects.create(user=user, provider=key, uid=uid, extra_data={"gave": sorted(gave)})
    note_change(user_id=user.pk, what="provider.connected")
    return user


@transaction.atomic
def disconnect(*, account: SocialAccount, session_key: str) -> None:
    """Ends a connection; log-ins elsewhere end with it. Refuses `last_way_in`, `not_found`."""
    User.objects.select_for_update().get(pk=account.user_id)  # two at once must not take both ways
    if provider_queries.is_last_way_in(account):
        raise Refused("last_way_in", _("This is your only way to log in. Set a password or add a passkey first."))
    user = User.objects.get(pk=account.user_id)
    SocialAccount.objects.filter(pk=account.pk, user=user).delete()
    end_some_sessions(user=user, but=session_key)


@transaction.atomic
def save_provider(*, row: SignInProvider, changes: dict[str, Any], by_user_id: int) -> SignInProvider:
    """Adds or changes a service in the list; a new secret is sealed, an empty one leaves the old one."""
    secret = changes.pop("new_secret", "")
    for name, value in changes.items():
        setattr(row, name, value)
    if secret:
        row.secret = seal(secret)
    row.save()
    facts = {"fields": sorted(changes)}
    record(account_ref=None, actor=f"user:{by_user_id}", action="provider.saved", facts=facts)
    return row
