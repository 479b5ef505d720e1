"""Changes of a person's own data in words: a field of User, or a word of the site's log."""

from django.utils.translation import gettext_lazy as _

CHANGES = {
    "name": _("First name"),
    "surname": _("Surname"),
    "email": _("E-mail"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "display_name": _("Public name"),
    "photo.changed": _("A new photo"),
    "photo.removed": _("The photo was removed"),
    "password.changed": _("The password was changed"),
    "password.set": _("A password was set"),
    "password.reset": _("The password was reset by mail"),
    "address.removed": _("A waiting e-mail was removed"),
    "provider.connected": _("A way to log in was connected"),
    "provider.disconnected": _("A way to log in was disconnected"),
    "totp.activated": _("The authenticator app was switched on"),
    "totp.deactivated": _("The authenticator app was switched off"),
    "recovery_codes.made": _("New recovery codes"),
    "passkey.added": _("A passkey was added"),
    "passkey.removed": _("A passkey was removed"),
    "sessions.ended": _("Logged out elsewhere"),
}
