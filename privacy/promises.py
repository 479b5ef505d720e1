"""Promises about the whole site: every field declared, no card, no location, headers, TLS, an end to keeping."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import distributions
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import public_person
from audit.queries import list_disclosed_purposes, list_references
from core.erased import hash_word, read_erased
from core.looking import look_at, own_files
from core.outbound import registry as outbound
from core.promises import Evidence, build, probe
from core.promises import registry as probes
from policies.queries import find_dispute_body
from privacy.certificates import read_certificate
from privacy.checks import PURPOSES, count_declared, every_field_is_declared, strange_purposes
from privacy.models import Case, ChildReport, ErasurePlan, LegalDisclosure
from privacy.queries.cases import count_figures, list_late_answers, list_refused_without_reason
from privacy.queries.children import count_minors_told_news, count_old_rows_of, count_year, list_late
from privacy.queries.complaints import (
    list_escalated,
    list_fresh_complaints,
    list_left_open,
    list_unacknowledged,
)
from privacy.queries.disclosures import count_untold, hash_scope, list_scopes
from privacy.queries.erasures import is_on_hold, refs_of
from privacy.queries.redactable import count_undone_removals
from privacy.security import read_log

GIVEN = 2000  # acts of giving data away that are looked at
NEWEST = 500  # certificates and disclosures that are checked again
TOLD_WITHIN = timedelta(days=3)  # after the day until which a demand had to be silent
PAGES = ("/", "/policy/", "/account/login/")
CARD = re.compile(r"(^|_)(card|cardnumber|pan|cc|cvc|cvv|csc|credit)(_|\d|$)", re.IGNORECASE)
CARD_INPUT = re.compile(r"autocomplete=[\"']cc-|name=[\"'][\w-]*(card|cvc|cvv)", re.IGNORECASE)
PLACE = re.compile(
    r"(^|_)(lat|latitude|lng|lon|longitude|city|country|region|geo\w*|location|coordinates|postcode|zip)(_|$)",
    re.IGNORECASE,
)
BORN = re.compile(r"(^|_)(birth\w*|born|dob|birthday|year_of_birth)(_|$)", re.IGNORECASE)
GEO_PACKAGE = re.compile(r"geoip|maxmind|geolite|ip2location|ipinfo|ipapi|geocod|geopy|geojs", re.IGNORECASE)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@probe(
    "every_field_declared",
    rows=("P2",),
    how=gettext_lazy("Walks every column of every table, ours and others', and looks for its line in the data map."),
)
def every_field_declared() -> Evidence:
    faults = every_field_is_declared()
    models, personal, not_personal = count_declared()
    figure = _("%(personal)d personal fields in %(models)d tables, %(reasons)d others explained, %(faults)d open") % {
        "personal": personal,
        "models": models,
        "reasons": not_personal,
        "faults": len(faults),
    }
    return Evidence(not faults, figure)


@probe(
    "no_card_field",
    rows=("S12",),
    how=gettext_lazy("Looks for a card number in every form, every table and every page template."),
)
def no_card_field() -> Evidence:
    autodiscover_modules("forms")
    all_forms = set(_forms())
    asked = [f"{form.__name__}.{name}" for form in all_forms for name in form.base_fields if CARD.search(name)]
    columns = [name for name in _columns() if CARD.search(name.rpartition(".")[2])]
    inputs = [path for path, text in own_files(".html", below="templates") if CARD_INPUT.search(text)]
    figure = _("%(forms)d forms, %(columns)d columns, %(found)d places for a card") % {
        "forms": len(all_forms),
        "columns": len(list(_columns())),
        "found": len(asked) + len(columns) + len(inputs),
    }
    return Evidence(not asked and not columns and not inputs, figure)


def _forms(parent: type[forms.BaseForm] = forms.BaseForm) -> Iterator[Any]:
    for form in parent.__subclasses__():
        if hasattr(form, "base_fields"):
            yield form
        yield from _forms(form)


def _columns() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            yield f"{model._meta.label}.{field.name}"


@probe(
    "no_location",
    rows=("S40", "P17"),
    how=gettext_lazy(
        "Looks for a column or package that holds or derives a place, for a script that asks for one, and for the "
        "header that forbids it on our pages."
    ),
)
def no_location() -> Evidence:
    columns = [name for name in _columns() if PLACE.search(name.rpartition(".")[2])]
    packages = [one.name for one in distributions() if GEO_PACKAGE.search(one.name or "")]
    gis = [app for app in settings.INSTALLED_APPS if app.startswith("django.contrib.gis")]
    scripts = [path for path, text in own_files(".js", below="static") if "navigator.geolocation" in text]
    allowed = [path for path in PAGES if "geolocation=()" not in look_at(path).get("Permissions-Policy", "")]
    found = len(columns) + len(packages) + len(gis) + len(scripts)
    figure = _("%(found)d columns, packages or scripts; %(allowed)d of %(pages)d pages allow it") % {
        "found": found,
        "allowed": len(allowed),
        "pages": len(PAGES),
    }
    return Evidence(not found and not allowed, figure)


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
    "cases_in_time",
    rows=("S100", "S102", "P7"),
    how=gettext_lazy(
        "Looks for privacy requests to us whose time is over, for answers of the last 90 days that came too late, and "
        "for refusals without a reason, a text and a day when we look again."
    ),
)
def cases_in_time() -> Evidence:
    figures, late, bare = count_figures(), list_late_answers().count(), list_refused_without_reason().count()
    figure = _("%(overdue)d overdue, %(late)d late, %(bare)d refused with no reason; %(ended)d answered in a year") % {
        "overdue": figures.overdue, "late": late, "bare": bare, "ended": figures.ended,
    }  # fmt: skip
    figure = _("%(overdue)d overdue, %(late)d late, %(bare)d refused without reason; %(ended)d answered in a year") % {
        "overdue": figures.overdue,
        "late": late,
        "bare": bare,
        "ended": figures.ended,
    }
    return Evidence(not figures.overdue and not late and not bare, figure)


@probe(
    "complaints_acknowledged",
    rows=("S5",),
    how=gettext_lazy("Looks for complaints of the last seven days without the letter that says their number."),
)
def complaints_acknowledged() -> Evidence:
    fresh, silent = list_fresh_complaints(), list_unacknowledged().count()
    figure = _("%(fresh)d complaints in seven days, %(silent)d without a letter") % {
        "fresh": fresh.count(),
        "silent": silent,
    }
    return Evidence(not silent, figure)


@probe(
    "complaints_go_on",
    rows=("S6",),
    how=gettext_lazy(
        "Looks for complaints that were left open beyond their 14 days and whose authors were not told of the "
        "independent body, and for complaints that went on while no such body is on record."
    ),
)
def complaints_go_on() -> Evidence:
    left = list_left_open().filter(due_at__lt=timezone.now() - timedelta(hours=2)).count()
    gone_on = list_escalated().count()
    nowhere = gone_on if find_dispute_body() is None else 0
    figure = _("%(gone_on)d went on, %(left)d left open, %(nowhere)d without a body to go to") % {
        "gone_on": gone_on,
        "left": left,
        "nowhere": nowhere,
    }
    return Evidence(not left and not nowhere, figure)


@probe(
    "children_fast",
    rows=("S49",),
    how=gettext_lazy(
        "Looks for reports about children that are older than 72 hours or were kept after their end, and for a form "
        "that asks when somebody was born."
    ),
)
def children_fast() -> Evidence:
    late = list_late().count() + ChildReport.objects.filter(closed_at__lt=timezone.now() - timedelta(days=3)).count()
    asked = [form.__name__ for form in _forms() for name in form.base_fields if BORN.search(name)]
    figure = _("%(late)d late or kept too long, %(ended)d ended in a year, %(asked)d forms ask for a birth date") % {
        "late": late,
        "ended": count_year()["ended"],
        "asked": len(asked),
    }
    return Evidence(not late and not asked, figure)


@probe(
    "young_kept_apart",
    rows=("S50",),
    how=gettext_lazy(
        "Looks for people under 18 with a yes to news in force, with a photo that the public sees, or with a request "
        "that was closed more than a year ago."
    ),
)
def young_kept_apart() -> Evidence:
    minors = list(User.objects.filter(is_minor=True).order_by("-pk")[:NEWEST])
    shown = sum(public_person(user).photo_url is not None for user in minors)
    told, old = count_minors_told_news(), count_old_rows_of(minors)
    figure = _("%(minors)d people, %(told)d get news, %(shown)d photos in public, %(old)d rows kept too long") % {
        "minors": len(minors),
        "told": told,
        "shown": shown,
        "old": old,
    }
    return Evidence(not (told or shown or old), figure)


@probe(
    "removal_done",
    rows=("S101",),
    how=gettext_lazy(
        "Looks for requests to take public words down that were answered as done while the words stand there."
    ),
)
def removal_done() -> Evidence:
    asked = Case.objects.filter(kind=Case.Kind.TESTIMONIAL_REMOVAL, account=None)
    undone = count_undone_removals()
    figure = _("%(asked)d removals asked, %(undone)d said to be done and not done") % {
        "asked": asked.count(),
        "undone": undone,
    }
    return Evidence(not undone, figure)


@probe(
    "recipients_listed",
    rows=("S57", "S59"),
    how=gettext_lazy("Reads the public list as a stranger and looks in it for every recipient that the code declares."),
)
def recipients_listed() -> Evidence:
    page = look_at("/privacy/recipients/")
    text = page.content.decode()
    missing = [key for key in outbound.recipients if f">{key}<" not in text]
    figure = _("%(all)d recipients declared, %(missing)d missing from the list") % {
        "all": len(outbound.recipients),
        "missing": len(missing),
    }
    return Evidence(page.status_code == 200 and not missing, figure)


@probe(
    "legal_two_people",
    rows=("S52",),
    how=gettext_lazy(
        "Looks for a disclosure by law that left without two officers, for more than they approved, or without the "
        "hash of what was sent, whose line is missing from the ledger, or whose person should have been told by now."
    ),
)
def legal_two_people() -> Evidence:
    sent = LegalDisclosure.objects.filter(sent_at__isnull=False).order_by("-pk")
    lines = set(list_references("disclosed.legal"))
    wrong = sum(
        not (approved and len(copy) == 64 and f"L-{pk}" in lines and hash_scope(scope) in list_scopes(f"L-{pk}"))
        for pk, approved, copy, scope in sent.values_list("pk", "approved_at", "copy_hash", "scope")[:NEWEST]
    )
    untold = count_untold(timezone.now().date() - TOLD_WITHIN)
    figure = _("%(all)d demands, %(sent)d answered, %(wrong)d of them wrong, %(untold)d people not told in time") % {
        "all": LegalDisclosure.objects.count(), "sent": sent.count(), "wrong": wrong, "untold": untold,
    }  # fmt: skip
    return Evidence(not wrong and not untold, figure)


@probe(
    "erasure_with_proof",
    rows=("P6",),
    how=gettext_lazy(
        "Looks for erasures that were confirmed over a day ago and are not done, for certificates whose signature does "
        "not fit, for words that should be forgotten, and for people who are here again after they were erased."
    ),
)
def erasure_with_proof() -> Evidence:
    late = ErasurePlan.objects.filter(state="confirmed", confirmed_at__lt=timezone.now() - timedelta(days=1))
    held = sum(is_on_hold(refs_of(plan.refs)) for plan in late)
    done = list(ErasurePlan.objects.filter(state="done").order_by("-pk")[:NEWEST])
    unsigned = sum(read_certificate(plan.certificate) is None for plan in done)
    unforgotten = sum(bool(plan.needles or plan.refs or plan.keys) for plan in done)
    known = read_erased()
    running = {ref.pk for plan in ErasurePlan.objects.exclude(state="done") for ref in refs_of(plan.refs)}
    people = User.objects.exclude(pk__in=running).values_list("pk", "public_id") if known else []
    back = sum(hash_word(f"user:{pk}:{public_id}") in known for pk, public_id in people)
    figure = _(
        "%(done)d certificates, %(late)d late, %(unsigned)d unsigned, %(words)d not forgotten, %(back)d back"
    ) % {
        "done": len(done),
        "late": len(late) - held,
        "unsigned": unsigned,
        "words": unforgotten,
        "back": back,
    }
    return Evidence(len(late) == held and not (unsigned or unforgotten or back), figure)


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


build(
    "fences",
    rows=("S75",),
    how=gettext_lazy("Tries every page, action and socket command with real things of another account."),
)
build(
    "backup",
    rows=("S74",),
    how=gettext_lazy("Makes a backup of a filled site, restores it into an empty one and compares."),
)
build(
    "survives_kills",
    rows=("S25",),
    how=gettext_lazy(
        "Kills the web process ten times under four senders and compares what it acknowledged with what is stored."
    ),
)
build(
    "copy_is_whole",
    rows=("S98", "P2"),
    how=gettext_lazy(
        "Asks for a copy as a person with chats, requests, a photo and files, and looks for every row and file of "
        "theirs in it, and for none of anybody else."
    ),
)
build(
    "rights_by_mail",
    rows=("S103",),
    how=gettext_lazy(
        "Mails wishes of every kind in plain words to the support address: each opens a case that waits for the "
        "proof of who asks, and a question to support opens none."
    ),
)


@probe(
    "no_sale",
    rows=("S51",),
    how=gettext_lazy(
        "Compares the purposes for which data is declared, received or was given away with the eleven that there are; "
        "selling is none of them."
    ),
)
def no_sale() -> Evidence:
    strange = strange_purposes()
    given = Counter(list_disclosed_purposes(GIVEN))
    sold = sum(times for purpose, times in given.items() if purpose not in PURPOSES)
    figure = _("%(purposes)d purposes, %(strange)d others declared; %(given)d acts of giving, %(sold)d for others") % {
        "purposes": len(PURPOSES),
        "strange": len(strange),
        "given": given.total(),
        "sold": sold,
    }
    return Evidence(not strange and not sold, figure)
