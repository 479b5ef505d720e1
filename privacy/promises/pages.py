"""Promises about every page: headers, TLS, nothing from elsewhere, the address of support, the log of controls."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.looking import look_at, own_files
from core.promises import Evidence, probe
from core.promises import registry as probes
from privacy.security import read_log

PAGES = ("/", "/policy/", "/account/login/")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ELSEWHERE = re.compile(
    r"<(?!a\b)[a-z]+\b[^>]*\s(?:src|srcset|data|poster|action|formaction|href|background)\s*=\s*[\"']?\s*"
    r"(?:https?:)?//(?![\"'])",
    re.IGNORECASE,
)
STYLE_ELSEWHERE = re.compile(r"(?:@import|url\()\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
SCRIPT_ELSEWHERE = re.compile(
    r"(?:\bfrom|\bimport|import\(|fetch\(|sendBeacon\(|WebSocket\(|EventSource\(|\.src\s*=)\s*[\"'`](?:https?:|wss?:)?//"
)
OWN_SOURCES = {"'self'", "'none'", "blob:"}


@probe(
    "headers",
    rows=("S74",),
    how=gettext_lazy("Asks for three pages as a stranger and reads the headers that tell a browser what it may do."),
)
def headers() -> Evidence:
    faults = {f"{path}: {fault}" for path in PAGES for fault in _header_faults(path)}
    figure = _("%(pages)d pages, %(faults)d headers missing or too wide") % {"pages": len(PAGES), "faults": len(faults)}
    return Evidence(not faults, figure)


def _header_faults(path: str) -> Iterator[str]:
    response = look_at(path)
    policy = response.get("Content-Security-Policy", "")
    directives = {name: rest for name, _space, rest in (part.strip().partition(" ") for part in policy.split(";"))}
    for name, wanted in (("default-src", "'none'"), ("frame-ancestors", "'none'"), ("base-uri", "'none'")):
        if directives.get(name) != wanted:
            yield name
    for name in ("script-src", "style-src"):
        if name not in directives or re.search(r"unsafe-|\*|https?:|data:", directives[name]):
            yield name
    for name, wanted in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin")):
        if response.get(name) != wanted:
            yield name
    if response.status_code != 200:
        yield f"status {response.status_code}"


@probe(
    "tls",
    rows=("S78",),
    how=gettext_lazy("Reads how this site is set: https, redirects, HSTS and cookies that never travel in the clear."),
)
def tls() -> Evidence:
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname
    if settings.DEV and host in LOOPBACK:
        return Evidence(True, _("development site, reachable only from its own machine"))
    flags = {
        "origin": settings.PUBLIC_ORIGIN.startswith("https://"),
        "hsts": settings.SECURE_HSTS_SECONDS >= 31_536_000,
        "session": settings.SESSION_COOKIE_SECURE and settings.SESSION_COOKIE_NAME.startswith("__Host-"),
        "csrf": settings.CSRF_COOKIE_SECURE and settings.CSRF_COOKIE_NAME.startswith("__Host-"),
    }
    on = sum(flags.values())
    return Evidence(on == len(flags), _("%(on)d of %(all)d settings on") % {"on": on, "all": len(flags)})


@probe(
    "help_everywhere",
    rows=("S17",),
    how=gettext_lazy("Asks for three pages and reads the frame of the console: each must name the support address."),
)
def help_everywhere() -> Evidence:
    without = [path for path in PAGES if settings.SUPPORT_EMAIL not in look_at(path).content.decode()]
    frames = [text for path, text in own_files(".html", below="templates") if path.endswith("/console.html")]
    named = any("SUPPORT_EMAIL" in text for text in frames)
    figure = _("%(without)d of %(pages)d pages without it") % {
        "without": len(without) + (not named),
        "pages": len(PAGES) + 1,
    }
    return Evidence(not without and named, figure)


@probe(
    "no_third_party",
    rows=("S65", "S79"),
    how=gettext_lazy(
        "Reads every page, style and script of ours for something loaded from elsewhere, and the header that tells a "
        "browser where it may load from. A plain link loads nothing before a click."
    ),
)
def no_third_party() -> Evidence:
    kinds = (
        (".html", "templates", ELSEWHERE),
        (".css", "static", STYLE_ELSEWHERE),
        (".js", "static", SCRIPT_ELSEWHERE),
    )
    files = [
        (path, pattern.search(text)) for end, below, pattern in kinds for path, text in own_files(end, below=below)
    ]
    found = [path for path, match in files if match and "/demo/" not in path]  # a customer's own page, not ours
    wide = [source for path in PAGES for source in _foreign_sources(path)]
    figure = _("%(files)d files, %(found)d load from elsewhere; %(wide)d foreign origins allowed") % {
        "files": len(files),
        "found": len(found),
        "wide": len(wide),
    }
    return Evidence(not found and not wide, figure)


def _foreign_sources(path: str) -> Iterator[str]:
    """The origins that a page's policy lets a browser load from or send to, besides our own."""
    policy = look_at(path).get("Content-Security-Policy", "default-src *")
    for directive in policy.split(";"):
        for source in directive.split()[1:]:
            own = source in OWN_SOURCES or source.startswith("'nonce-")
            if not own and urlsplit(source).hostname != settings.PUBLIC_HOST:
                yield source


@probe(
    "security_log",
    rows=("S77",),
    how=gettext_lazy(
        "Reads the security page and security.txt as a stranger: each control with its dates, none last looked at more "
        "than a year ago, each watched by a check that exists."
    ),
)
def security_log() -> Evidence:
    log, page, txt = read_log(), look_at("/security/"), look_at("/.well-known/security.txt")
    text = page.content.decode()
    missing = [one.title for one in log.controls if one.title not in text or one.probe not in probes]
    fresh = log.expires_at > timezone.now() and f"Expires: {log.expires_at:%Y-%m-%d}" in txt.content.decode()
    figure = _("%(controls)d controls, %(missing)d missing, fresh until %(day)s") % {
        "controls": len(log.controls),
        "missing": len(missing),
        "day": f"{log.expires_at:%Y-%m-%d}",
    }
    return Evidence(fresh and not missing and bool(log.controls), figure)
