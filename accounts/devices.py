"""A browser's own description in three words."""

from django.utils.translation import gettext as _
from ua_parser import parse


def describe_device(user_agent: str) -> str:
    """ "Firefox on Linux" for a User-Agent header of any length; "Unknown device" where it says nothing."""
    found = parse(user_agent[:400])
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")
