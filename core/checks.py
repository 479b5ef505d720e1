"""System checks: what a production site refuses to start with."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

EXAMPLE_SECRET = "change-me"  # noqa: S105  the value in .env.example, which no site may run with


@register()
def production_is_safe(**kwargs: Any) -> list[Error]:
    """Refuses a start with no or the example's secret, DEBUG on, another time zone than UTC, or no TLS."""
    found = []
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's answer to an empty one
        secret = ""
    if not secret:
        found.append(Error("SECRET_KEY (or SECRET_KEY_FILE) is not set.", id="core.E001"))
    elif not settings.DEV and (EXAMPLE_SECRET in secret or len(secret) < 32):
        found.append(
            Error(
                "SECRET_KEY is the example's, or shorter than 32 characters.",
                hint="python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
                id="core.E005",
            )
        )
    if settings.DEBUG and not settings.DEV:
        found.append(Error("DEBUG is on outside development.", id="core.E002"))
    if settings.TIME_ZONE != "UTC":
        found.append(Error("TIME_ZONE must be UTC; people see their own zone.", id="core.E003"))
    if not settings.DEV and not settings.SECURE:
        found.append(Error("PUBLIC_ORIGIN must begin with https:// (LIVECHAT_DEV=1 for development).", id="core.E004"))
    return found


@register()
def mail_can_leave(**kwargs: Any) -> list[Error]:
    """Refuses a production start without a mail server: sign-up would wait for a mail that never comes."""
    if settings.DEV or settings.EMAIL_URL:
        return []
    return [Error("EMAIL_URL is not set (smtp://user:password@host:587?tls=1).", id="core.E006")]


@register()
def limits_count_together(**kwargs: Any) -> list[Error]:
    """Refuses several web processes with a cache that each has for itself: the limits would count per process."""
    backend = settings.CACHES["default"]["BACKEND"]
    if "redis" in backend.lower():
        return []
    if "locmem" not in backend.lower():
        return [Error(f"{backend} loses counts; use Redis, or memory with one web process.", id="core.E010")]
    if settings.WEB_PROCESSES > 1:
        return [
            Error("WEB_PROCESSES is more than 1: set REDIS_URL, so that rate limits count together.", id="core.E011")
        ]
    return []
