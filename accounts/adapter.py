"""How django-allauth is bent to this site: mails through the outbox, links to PUBLIC_ORIGIN, secrets encrypted."""

import datetime
import unicodedata
import uuid
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import actions, links, queries
from accounts.devices import describe_device
from accounts.sealing import InvalidToken, seal, unseal
from core.client_address import client_address
from core.limits import TooMany, count_use
from core.navigation import homes
from outbox.actions import enqueue

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)

# allauth's template of a notice -> (the event of accounts.notices, the line of the site's log)
NOTICES = {
    "account/email/password_changed": ("password_changed", "password.changed"),
    "account/email/password_set": ("password_set", "password.set"),
    "account/email/password_reset": ("password_reset", "password.reset"),
    "account/email/email_changed": ("email_changed", "address.changed"),
    "account/email/email_deleted": ("email_deleted", "address.removed"),
    "socialaccount/email/account_connected": ("provider_connected", "provider.connected"),
    "socialaccount/email/account_disconnected": ("provider_disconnected", "provider.disconnected"),
    "mfa/email/totp_activated": ("totp_activated", "totp.activated"),
    "mfa/email/totp_deactivated": ("totp_deactivated", "totp.deactivated"),
    "mfa/email/recovery_codes_generated": ("recovery_codes_generated", "recovery_codes.made"),
    "mfa/email/webauthn_added": ("webauthn_added", "passkey.added"),
    "mfa/email/webauthn_removed": ("webauthn_removed", "passkey.removed"),
}


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mails leave through our outbox, and its answers are in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail or password is not right. Try again, or use a log-in code"),
        "too_many_login_attempts": _("Too many tries. Wait 5 minutes, or use a log-in code or a passkey"),
        "rate_limited": _("Too many requests. Wait a minute and try again"),
        "incorrect_code": _("This code is not right or too old"),
        "incorrect_password": _("This is not your password"),
        "enter_current_password": _("This is not your password"),
        "account_inactive": _("This login was switched off"),
        "invalid_password_reset": _("This link was used already or is too old"),
        "same_as_current": _("Choose another one than now"),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Puts an outbox row in place of a mail: ids only, the text and the links are made at delivery."""
        if template_prefix in NOTICES:
            self._send_notice(template_prefix, email, context)
        elif template_prefix in ("account/email/email_confirmation_signup", "account/email/email_confirmation"):
            self._send_confirmation(email, context, signup=template_prefix.endswith("signup"))
        elif template_prefix == "account/email/account_already_exists":
            self._send("accounts.already_exists", queries.find_user_by_email(email), expires=DAY)
        elif template_prefix == "account/email/password_reset_key":
            self._send("accounts.password_reset", context["user"], expires=HOUR)
        elif template_prefix == "account/email/login_code":
            user = queries.find_user_by_email(email)
            minutes = datetime.timedelta(minutes=3)
            self._send("accounts.login_code", user, {"code": seal(context["code"])}, expires=minutes)
        elif template_prefix != "account/email/unknown_account":  # we never write to addresses we do not know
            raise ValueError(f"no mail kind stands for {template_prefix}")

    def _send_confirmation(self, email: str, context: dict[str, Any], *, signup: bool) -> None:
        user = context["user"]
        address = EmailAddress.objects.get(user=user, email=email.lower())
        kind = "accounts.confirm_signup" if signup else "accounts.confirm_address"
        self._send(kind, user, {"address": address.pk}, expires=3 * DAY)

    def _send_notice(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        event, action = NOTICES[template_prefix]
        user = self.request.user if self.request.user.is_authenticated else queries.find_user_by_email(email)
        if event == "email_changed":
            user = queries.find_user_by_email(context["to_email"])
        if user is None:
            return
        payload = {
            "event": event,
            "at": timezone.now().isoformat(timespec="seconds"),
            "device": describe_device(self.get_http_user_agent(self.request)),
        }
        if event == "email_changed":
            payload["to"] = seal(email)  # the old address must hear of it, and nothing else holds it any more
        old_values = {"email": email} if event == "email_changed" else None
        actions.record_sign_in_change(user_id=user.pk, action=action, old_values=old_values)
        self._send("accounts.security_notice", user, payload, expires=2 * DAY)

    def _send(
        self, kind: str, user: Any, payload: dict[str, Any] | None = None, *, expires: datetime.timedelta
    ) -> None:
        if user is None:
            return
        with transaction.atomic():
            enqueue(
                kind=kind,
                key=uuid.uuid4().hex,
                recipient=f"user:{user.pk}",
                payload=payload or {},
                expires_at=timezone.now() + expires,
            )

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        email = email or EmailAddress.objects.get_primary_email(user) or user.email
        self._send_notice(template_prefix, email, context or {})

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Who deactivated the login and has just given the right password gets the way back by mail."""
        if user.erase_at is not None and user.erase_at > timezone.now():
            actions.send_way_back(user=user, until=user.erase_at)
            return render(request, "accounts/way_back_sent.html", {"until": user.erase_at})
        return super().respond_user_inactive(request, user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The console; who has no account goes to the first home that an app has for them, else to the profile."""
        if queries.list_memberships(request.user).exists():
            return reverse(settings.LOGIN_REDIRECT_URL)
        return reverse(homes.find_for(request.user) or "accounts:profile")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Whoever confirmed an address in another browser chooses a password now; others log in or go on."""
        if getattr(self.request, "password_was_discarded", False):
            return links.password_reset_path(email_address.user)
        if self.request.user.is_authenticated:
            return self.get_login_redirect_url(self.request)
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104  a Unix socket has no peer address

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts a try for the person and the address (allauth) and for the whole site (core.limits)."""
        super().pre_authenticate(request, **credentials)
        try:
            count_use("login", "site")
        except TooMany:
            raise self.validation_error("too_many_login_attempts") from None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        login = str(credentials.get("email", ""))
        return f"login:{unicodedata.normalize('NFKC', login).casefold().strip()}"

    def clean_password(self, password: str, user: Any = None) -> str:
        if "\x00" in password:
            raise ValidationError(_("A password cannot hold this character"))
        return str(super().clean_password(password, user))


class MFAAdapter(DefaultMFAAdapter):
    """Authenticator secrets and the seed of recovery codes are stored encrypted (S74)."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right or too old"),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except InvalidToken:
            raise ValidationError(
                _("The secret of this second step cannot be read any more. Use a recovery way or write to us")
            ) from None

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> SafeString:
        """The picture of the secret as SVG for the page itself: black on white in both themes, no data: URL."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        return format_html(
            '<svg class="qr" width="220" height="220" viewBox="0 0 {size} {size}" role="img" aria-label="{label}">'
            '<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{dots}"/></svg>',
            size=len(rows),
            label=gettext("The secret as a picture; it is also written below"),
            dots=dots,
        )


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ended sessions take their sockets with them; what goes on reconnects by itself."""

    def end_sessions(self, sessions: Any) -> None:
        people = {session.user_id for session in sessions}
        super().end_sessions(sessions)
        for user_id in people:
            actions.end_sockets(user_id=user_id)
