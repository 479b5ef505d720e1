"""The door of the bubble's script: one request, no cookie, the website's public settings with it (G12, P9)."""

import functools
import gzip
import hashlib

import brotli  # type: ignore[import-untyped]  # it ships no types
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from accounts.scoping import account_scope
from chat.bubble.script import write_script
from chat.queries import find_widget
from core.errors import Refused

KEPT = "public, max-age=300, stale-while-revalidate=86400"
UNKNOWN = "/* livechat: no website has this key. */\n"


@require_safe
def loader(request: HttpRequest, key: str) -> HttpResponse:
    """The script of one website; a key that nobody has gets a comment and 404."""
    try:
        widget = find_widget(key)
    except Refused:
        return _answer(HttpResponse(UNKNOWN, status=404), "public, max-age=60")
    with account_scope(widget.account):
        script = write_script(widget)
    etag = f'W/"{hashlib.sha256(script.encode()).hexdigest()[:24]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        body, encoding = _compress(script, _encoding_of(request))
        response = HttpResponse(body)
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = etag
    return _answer(response, KEPT)


def _answer(response: HttpResponse, kept: str) -> HttpResponse:
    response["Content-Type"] = "text/javascript; charset=utf-8"
    response["Cache-Control"] = kept
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Vary"] = "Accept-Encoding"
    return response


def _encoding_of(request: HttpRequest) -> str:
    accepted = {part.split(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
    return "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""


@functools.lru_cache(maxsize=512)
def _compress(script: str, encoding: str) -> tuple[bytes, str]:
    body = script.encode()
    if encoding == "br":
        return brotli.compress(body), encoding
    return (gzip.compress(body, 9, mtime=0), encoding) if encoding else (body, "")
