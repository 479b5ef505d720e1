"""What this app does when django-allauth or Django speak."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from accounts import actions
from policies.events import version_published
from policies.models import Version


def connect() -> None:
    """Called once when the site starts."""
    user_logged_out.connect(_logged_out, dispatch_uid="accounts.logged_out")
    account_signals.email_confirmed.connect(_email_confirmed, dispatch_uid="accounts.email_confirmed")
    mfa_signals.authenticator_added.connect(_authenticator_added, dispatch_uid="accounts.authenticator_added")
    version_published.connect(_version_published, dispatch_uid="accounts.version_published")
    for name in ("password_changed", "password_set", "password_reset"):
        getattr(account_signals, name).connect(_password_new, dispatch_uid=f"accounts.{name}")


def _logged_out(sender: Any, user: Any = None, **kwargs: Any) -> None:
    if user is not None:
        actions.end_sockets(user_id=user.pk)


def _authenticator_added(
    sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Who has just made the passkey that is their only key has shown it: nobody asks "Is it you?" on the next page.

    Our staff's other log-ins end: none of theirs goes on without the second factor.
    """
    if user.is_staff:
        actions.end_some_sessions(user=user, but=request.session.session_key or "")
    if authenticator.type == Authenticator.Type.WEBAUTHN and not user.has_usable_password():
        record_authentication(request, user, method="mfa", type="webauthn", reauthenticated=True)


def _password_new(sender: Any, user: Any, **kwargs: Any) -> None:
    actions.end_sockets(user_id=user.pk)


def _email_confirmed(sender: Any, request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    discarded = actions.confirm_first_address(
        user=email_address.user, proved_here=_knew_the_password(request, email_address.user_id)
    )
    request.password_was_discarded = discarded  # type: ignore[attr-defined]  # read by the adapter


def _knew_the_password(request: HttpRequest, user_id: int) -> bool:
    """Whether this browser session signed this person up, or gave the right password, before the link was opened."""
    login = unstash_login(request, peek=True)
    if login is None or login.user is None or login.user.pk != user_id:
        return False
    stages = login.state.get("stages", {})
    return not stages.get(LoginStageKey.LOGIN_BY_CODE.value, {}).get("data")


def _version_published(sender: Any, version_id: int, **kwargs: Any) -> None:
    actions.announce_version(version=Version.objects.get(pk=version_id))
