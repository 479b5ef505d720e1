"""What a security notice says, by event."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Notice:
    """The subject of a notice and the sentence that says what happened."""

    subject: Any
    text: Any


NOTICES = {
    "password_changed": Notice(_("Your password was changed"), _("The password of your login was changed.")),
    "password_set": Notice(_("Your login has a password now"), _("A password was set for your login.")),
    "password_reset": Notice(
        _("Your password was reset"),
        _("A new password was set with the link from our mail. Other devices are logged out."),
    ),
    "email_changed": Notice(
        _("Your e-mail address was changed"),
        _("Your login has another e-mail address now. This is the last mail to the old one."),
    ),
    "email_deleted": Notice(
        _("An e-mail address was removed"), _("An address that was waiting for confirmation was removed.")
    ),
    "provider_connected": Notice(
        _("Another way to log in was connected"),
        _("An account with another service was connected: it opens your login from now on."),
    ),
    "provider_disconnected": Notice(
        _("A way to log in was disconnected"),
        _("An account with another service was disconnected. Other devices are logged out."),
    ),
    "totp_activated": Notice(_("Two-step log-in is on"), _("Logging in now asks for a code of an authenticator app.")),
    "totp_deactivated": Notice(
        _("The authenticator app was removed"), _("Logging in no longer asks for a code of the authenticator app.")
    ),
    "recovery_codes_generated": Notice(
        _("New recovery codes were made"), _("New recovery codes were made. The old ones no longer work.")
    ),
    "webauthn_added": Notice(_("A passkey was added"), _("A passkey or security key was added to your login.")),
    "webauthn_removed": Notice(_("A passkey was removed"), _("A passkey or security key was removed from your login.")),
}
