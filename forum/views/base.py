"""What the forum's doors have in common: who reads, and numbers in addresses."""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.queries import member_gaps
from accounts.staff import is_support_agent
from core.client_address import client_address
from core.errors import not_found
from core.limits import network_key
from forum import queries
from forum.actions.publishing import Sent
from forum.queries.moderation import count_published
from forum.spam import FIRST_POSTS
from forum.warning import WARNING, WARNING_VERSION
from forum.work import NEW_BITS, Outcome, Worked, check_answer, issue_challenge

EDIT = ["GET", "HEAD", "POST"]


def reader_of(request: HttpRequest) -> User | None:
    """Who is signed in, or None."""
    return request.user if request.user.is_authenticated else None


def is_agent(request: HttpRequest) -> bool:
    """Whether a support agent looks; asked once for each request."""
    known: bool | None = getattr(request, "forum_agent", None)
    if known is None:
        known = request.user.is_authenticated and is_support_agent(request.user)
        request.forum_agent = known  # type: ignore[attr-defined]  # kept for this request
    return known


def number_in(request: HttpRequest, name: str, default: int = 1) -> int:
    """A whole number of the address. Raises Refused `not_found` for what is none."""
    text = request.GET.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise not_found()
    return int(text)


def network_of(request: HttpRequest) -> str:
    """The keyed hash of where a request comes from (an IPv6 address counts as its /64); "" where there is none."""
    network = network_key(client_address(request))
    if not network:
        return ""
    return hmac.new(b"forum.network:" + str(settings.SECRET_KEY).encode(), network.encode(), hashlib.sha256).hexdigest()


def ask_for_work(user: User, form: str) -> dict[str, str]:
    """What a form of somebody new carries so that the browser does its proof of work; nothing for others."""
    if count_published(user.pk, FIRST_POSTS) >= FIRST_POSTS:
        return {}
    return {"work_challenge": issue_challenge(form=form, person=user.pk, bits=NEW_BITS)}


def read_sent(request: HttpRequest, form: str) -> Sent:
    """How the text of a form came: from which network, and with which proof of work."""
    worked = check_answer(
        challenge=request.POST.get("work_challenge", ""),
        answer=request.POST.get("work_answer", ""),
        form=form,
        person=request.user.pk or 0,
    )
    return Sent(network=network_of(request), worked=worked)


def sent_by_program(request: Any) -> Sent:
    """How a text of the API came: without a proof of work, so that what somebody new sends waits for a moderator."""
    return Sent(network=network_of(request), worked=Worked(Outcome.MISSING))


def may_write(user: User | None, warned: int | None = None) -> dict[str, Any]:
    """What stands between a reader and the composer: `gaps`, or the warning that is not acknowledged yet."""
    if user is None:
        return {"can_write": False, "gaps": []}
    if warned is None:
        member = queries.find_forum_member(user.pk)
        warned = member.warning_version if member is not None else 0
    gaps = member_gaps(user)
    return {
        "can_write": not gaps,
        "gaps": gaps,
        "is_warned": warned >= WARNING_VERSION,
        "warning": WARNING,
        "warning_version": WARNING_VERSION,
    }


def to_member_page(request: HttpRequest, back: str) -> HttpResponse:
    """To the page where a public name is chosen, and back from there."""
    return redirect(f"{reverse('accounts:member')}?{urlencode({'next': back})}")
