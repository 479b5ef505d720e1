"""Doors of a person's photo and log-ins."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, photo_files
from accounts import profile_queries as queries
from accounts import queries as read_queries
from accounts.doors import PersonRequest, signed_in_page
from accounts.views import profile_page
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from core.uploads import CappedUploadHandler, read_upload

PUBLIC_SIZE = 96
CACHED = "private, max-age=60"  # a removed photo is gone from caches too within 60 s (SAFETY: photo)
CLOSED_POLICY = "default-src 'none'; sandbox"


@csrf_exempt  # only until the upload handler is set; the inner view checks
def change_photo(request: HttpRequest) -> HttpResponse:
    """Takes a new photo from the page."""
    request.upload_handlers = [CappedUploadHandler(request)]
    return _change_photo(request)


change_photo.is_of_a_person = True  # type: ignore[attr-defined]  # the inner view asks who it is


@csrf_protect
@require_POST
@signed_in_page
@limited("photo", by=person_or_address)
def _change_photo(request: PersonRequest) -> HttpResponse:
    try:
        actions.set_photo(user=request.user, data=read_photo(request.FILES.get("photo")))
    except Refused as refused:
        return profile_page(request, refused={"photo": refused.message})
    messages.success(request, _("Your photo is shown from now on."))
    return redirect("accounts:profile")


def read_photo(upload: Any) -> bytes:
    """The bytes of the uploaded file; no file is like an empty one. Raises Refused `too_large`."""
    return read_upload(upload) if hasattr(upload, "chunks") else b""


@require_POST
@signed_in_page
def remove_photo(request: PersonRequest) -> HttpResponse:
    if actions.remove_photo(user=request.user):
        messages.success(request, _("The photo and its copies are deleted."))
    return redirect("accounts:profile")


@require_safe
@signed_in_page
def photo(request: PersonRequest, key: str, size: int) -> HttpResponse:
    """A photo, for its person and for the team of the account that the viewer works in (S75)."""
    if queries.find_photo(key, request.user, request.membership) is None:
        raise not_found()
    return _picture(request, key, size)


@require_safe
@limited("widget.photo")
def operators_photo(request: HttpRequest, key: str) -> HttpResponse:
    """The small photo of somebody who answers visitors; its name has 128 random bits."""
    if queries.find_operators_photo(key) is None:
        raise not_found()
    return _picture(request, key, PUBLIC_SIZE)


@require_safe
@limited("member.photo")
def members_photo(request: HttpRequest, key: str) -> HttpResponse:
    """The small photo of somebody who writes in the forum; its name has 128 random bits, and dies with the photo."""
    if read_queries.find_member_photo(key) is None:
        raise not_found()
    return _picture(request, key, PUBLIC_SIZE)


def _picture(request: HttpRequest, key: str, size: int) -> HttpResponse:
    data, tag = photo_files.read(key, size), f'"{key}-{size}"'
    if data is None:
        raise not_found()
    is_known = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if is_known else HttpResponse(data, content_type=photo_files.KIND)
    response["ETag"] = tag
    response["Cache-Control"] = CACHED
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CLOSED_POLICY
    response["Content-Disposition"] = "inline"
    return response


@require_POST
@signed_in_page
def end_sessions(request: PersonRequest) -> HttpResponse:
    """Ends one of the person's other log-ins, or all of them."""
    wanted = request.POST.get("session", "")
    only = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None
    if wanted and only is None:
        raise not_found()
    ended = actions.end_some_sessions(user=request.user, but=request.session.session_key or "", only=only)
    if wanted and not ended:
        raise not_found()
    messages.success(request, _("Logged out there."))
    return redirect("accounts:profile")
