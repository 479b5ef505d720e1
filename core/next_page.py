"""Where somebody goes on after a form or a log-in: a path of this site, never elsewhere (SAFETY: open redirect)."""

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme


def local_path(target: str) -> str:
    """The target when it is a path of this site, else ""; URLs are none, not even of our own origin."""
    if not target.startswith("/") or target.startswith("//"):
        return ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={settings.PUBLIC_HOST}) else ""
