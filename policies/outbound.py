"""The one cookie in which a browser keeps what it may keep."""

from django.utils.translation import gettext_lazy as _

from core.consent import COOKIE
from core.outbound import Cookie, registry

registry.register(
    Cookie(COOKIE, _("Keeps your cookie choice and its day, and no number of you"), _("6 months, then we ask again"))
)
