"""Pages of policy and terms: read, what changed, checks per sentence; and accepting a new version."""

import datetime
import itertools
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from core.errors import not_found
from core.limits import limited
from policies import queries
from policies.actions import record_acceptance
from policies.coverage import list_principles
from policies.difference import count_changes
from policies.models import Acceptance, Sentence, Version
from policies.proving import standings

NAMES = ("version", "checks", "compare", "diff", "accept", "choose_day", "feed")  # doors of each kind of text


def _version(kind: str, number: int | None) -> Version:
    version = queries.find_version_in_force(kind) if number is None else queries.find_version(kind, number)
    if version is None:
        raise not_found()
    return version


def _by_section(sentences: list[Sentence]) -> list[tuple[str, list[Sentence]]]:
    return [(title, list(group)) for title, group in itertools.groupby(sentences, key=lambda one: one.section)]


def _frame(request: HttpRequest, version: Version, tab: str) -> dict[str, Any]:
    """What the frame around the three tabs shows: versions, dates, the person's acceptance."""
    now = timezone.now()
    versions = list(queries.list_versions(version.kind))
    current = queries.find_version_in_force(version.kind, now)
    before = [one for one in versions if one.number < version.number]
    asks = bool(request.user.is_authenticated) and version in queries.list_versions_to_accept(request.user, now)
    return {
        "version": version,
        "versions": versions,
        "tab": tab,
        "is_current": version == current,
        "current": current,
        "is_future": version.effective_at > now or version.waits_for_notices,
        "previous": before[0].number if before else 0,
        "acceptance": queries.find_acceptance(request.user, version),
        "asks": asks,
        "today": now.date(),
        "names": {name: f"policies:{version.kind}_{name}" for name in NAMES},
    }


@require_GET
@gzip_page
def read(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    version = _version(kind, number)
    context = _frame(request, version, "read") | {"sections": _by_section(queries.list_sentences(version))}
    return render(request, "policies/read.html", context)


@require_GET
@gzip_page
def on_day(request: HttpRequest, kind: str, day: datetime.date) -> HttpResponse:
    """The time machine: the text that was in force on a day, or will be as far as it is published (P12)."""
    version = queries.find_version_on(kind, day)
    context = {"sections": _by_section(queries.list_sentences(version)), "day": day}
    return render(request, "policies/read.html", _frame(request, version, "read") | context)


@require_GET
def choose_day(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of the time machine, without script: the day becomes an address that can be kept."""
    try:
        day = datetime.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        raise not_found() from None
    return redirect(f"policies:{kind}_on", day)


@require_GET
@limited("policies.feed")
@cache_control(public=True, max_age=300)
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    """Every version as an Atom entry that leads to what it changed (S105)."""
    origin = settings.PUBLIC_ORIGIN
    context = {
        "kind": kind,
        "feed_url": f"{origin}{request.path}",
        "page_url": f"{origin}{reverse(f'policies:{kind}')}",
        "entries": [
            {
                "version": version,
                "url": f"{origin}{reverse(f'policies:{kind}_diff', args=[version.number - 1, version.number])}",
            }
            for version in queries.list_versions(kind)
        ],
    }
    return render(request, "policies/feed.xml", context, content_type="application/atom+xml; charset=utf-8")


@require_GET
@gzip_page
def principles(request: HttpRequest) -> HttpResponse:
    """The seven principles, each with the sentences that keep it and how their checks stand (S4)."""
    version = _version(Version.Kind.POLICY, None)
    found = standings()
    context = {
        "version": version,
        "principles": [
            (one, [(sentence, found[sentence.probe]) for sentence in one.sentences])
            for one in list_principles(queries.list_sentences(version))
        ],
    }
    return render(request, "policies/principles.html", context)


@require_GET
@gzip_page
def checks(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    version = _version(kind, number)
    found = standings()
    sections = [
        (title, [(sentence, found.get(sentence.probe)) for sentence in sentences])
        for title, sentences in _by_section(queries.list_sentences(version))
    ]
    return render(request, "policies/checks.html", _frame(request, version, "checks") | {"sections": sections})


@require_GET
@gzip_page
def diff(request: HttpRequest, kind: str, old: int, new: int) -> HttpResponse:
    version = queries.find_version(kind, new)
    before = queries.find_version(kind, old) if old else None
    lines = queries.diff_versions(before, version)
    added, cut = count_changes(lines)
    context = {"old": before, "old_number": old, "lines": lines, "added": added, "cut": cut}
    return render(request, "policies/diff.html", _frame(request, version, "diff") | context)


@require_GET
def compare(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of the diff page, without script: from and to become an address that can be kept."""
    numbers = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(number.isascii() and number.isdecimal() and len(number) < 9 for number in numbers):
        raise not_found()
    return redirect(f"policies:{kind}_diff", *map(int, numbers))


@require_POST
@login_required
def accept(request: HttpRequest, kind: str) -> HttpResponse:
    """Accepts the version in force that the page showed; another one by now is shown instead."""
    version = _version(kind, None)
    if request.POST.get("number") == str(version.number):
        record_acceptance(user=request.user, version=version, channel=Acceptance.Channel.SITE)
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure()):
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(reverse(f"policies:{kind}"))
