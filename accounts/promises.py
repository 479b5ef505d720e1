"""Promises that accounts keep: what sign-up asks, acceptance, the trial, passwords, the tenant wall."""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes import ScopeError

from accounts import photo_files, queries
from accounts.actions import telling
from accounts.actions.erasing import is_held
from accounts.models import Account, ApiKey, Membership, User
from accounts.personal_data import SESSION_DAYS
from accounts.scoping import AccountOwned, scopes_disabled
from core.errors import Refused
from core.looking import look_at
from core.personal_data import held_keys
from core.promises import Evidence, build, probe
from policies.actions import NOTICE
from policies.models import Acceptance, Version

ASKED = frozenset({"name", "surname", "email", "password1", "company", "address", "website"})  # S10
GRACE = timedelta(days=2)  # the nightly job may miss a night
CONFIRMED = frozenset({"age", "policy"})
OUTSIDE_THE_WALL = {
    "accounts.Membership": "The list of accounts of a person; read by the person's own key.",
    "enforcement.EnforcementCase": "Our staff keep it; an account sees those about itself, by its own key.",
    "privacy.Case": "A case belongs to the person; an account sees those that it answers, by its own key.",
    "notifications.Preference": "A choice of a person; read by the person's own key.",
    "reports.SummaryDay": "Days and counts, read only by the planner of summaries.",
}


@probe(
    "signup_fields",
    rows=("S10",),
    how=gettext_lazy("Builds the sign-up form and compares its fields with the seven that we may ask, and reads why."),
)
def signup_fields() -> Evidence:
    form = import_string(settings.ACCOUNT_FORMS["signup"])()
    trap = getattr(settings, "ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD", None)  # hidden; only programs fill it in
    shown = {name for name, field in form.fields.items() if not field.widget.is_hidden} - {trap}
    extra, missing = shown - ASKED - CONFIRMED, ASKED - shown
    silent = {name for name in shown & ASKED if not form.fields[name].help_text}
    figure = _("%(asked)d fields asked, %(extra)d more than promised, %(silent)d without a reason") % {
        "asked": len(shown - CONFIRMED),
        "extra": len(extra),
        "silent": len(silent),
    }
    return Evidence(not extra and not missing and not silent, figure)


@probe(
    "acceptance_stored",
    rows=("S2",),
    how=gettext_lazy("Counts members of accounts who have accepted no version of the policy and of the terms."),
)
def acceptance_stored() -> Evidence:
    members = User.objects.filter(is_active=True, pk__in=Membership.objects.values("user_id"))
    without = 0
    for kind in Version.Kind.values:
        without += members.exclude(pk__in=Acceptance.objects.filter(version__kind=kind).values("user_id")).count()
    changed = Acceptance.objects.exclude(text_hash=F("version__text_hash")).count()
    figure = _("%(members)d members, %(without)d without acceptance, %(changed)d of another text") % {
        "members": members.count(),
        "without": without,
        "changed": changed,
    }
    return Evidence(not without and not changed, figure)


@probe(
    "notices_out",
    rows=("S104", "P12"),
    how=gettext_lazy(
        "Takes the material versions that people were told of lately, and counts owners whose mail did not leave."
    ),
)
def notices_out() -> Evidence:
    recent = timezone.now() - timedelta(days=25)  # after 30 days the outbox forgets what it sent
    told = Version.objects.filter(material=True, notified_at__gte=recent)
    waiting: int = sum(
        len(telling.owners_not_told(version))
        for version in told.exclude(notified_at__gt=F("published_at") + NOTICE)  # some few took no mail
    )
    figure = _("%(versions)d material versions told lately, %(waiting)d owners not told") % {
        "versions": told.count(),
        "waiting": waiting,
    }
    return Evidence(not waiting, figure)


@probe(
    "trial_clock",
    rows=("S11",),
    how=gettext_lazy("Tries an account on its last trial day and the day after, and looks for trials cut short."),
)
def trial_clock() -> Evidence:
    days, now = settings.TRIAL_DAYS, timezone.now()
    last = Account(created_at=now, trial_ends_at=now + timedelta(hours=1)) if days else Account(trial_ends_at=None)
    over = Account(created_at=now, trial_ends_at=now - timedelta(hours=1)) if days else None
    works = not last.is_read_only(now) and (over is None or over.is_read_only(now))
    policy = Version.objects.all().in_force(Version.Kind.POLICY, now).first()
    since = policy.effective_at if policy else now
    promised = Account.objects.filter(created_at__gte=since, trial_ends_at__isnull=False)
    short = promised.filter(trial_ends_at__lt=F("created_at") + timedelta(days=days) - timedelta(seconds=5)).count()
    figure = _("%(days)d days, then read-only; %(short)d of %(accounts)d accounts got less") % {
        "days": days,
        "short": short,
        "accounts": promised.count(),
    }
    return Evidence(works and not short, figure)


@probe(
    "passwords_hashed",
    rows=("S74",),
    how=gettext_lazy("Looks at the form of every stored password; only Argon2 hashes and blocked ones may be there."),
)
def passwords_hashed() -> Evidence:
    people = User.objects.count()
    fine = Q(password__startswith="argon2") | Q(password__startswith="!")  # noqa: S106  the form of a hash; blocked
    other = User.objects.exclude(fine).count()
    first = settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    return Evidence(first and not other, _("%(other)d of %(people)d not Argon2") % {"other": other, "people": people})


@probe(
    "tenant_wall",
    rows=("S75",),
    how=gettext_lazy("Asks every table of an account for its rows without naming the account, and expects a refusal."),
)
def tenant_wall() -> Evidence:
    owned = [
        model
        for model in apps.get_models()
        if any(field.related_model is Account for field in model._meta.concrete_fields if field.is_relation)
    ]
    open_tables = [model._meta.label for model in owned if not _refuses(model)]
    loose = [label for label in open_tables if label not in OUTSIDE_THE_WALL]
    figure = _("%(count)d tables of accounts, %(loose)d open") % {"count": len(owned), "loose": len(loose)}
    return Evidence(not loose, figure)


def _refuses(model: type) -> bool:
    if not issubclass(model, AccountOwned):
        return False
    try:
        model.objects.exists()
    except ScopeError:
        return True
    return False


@probe(
    "log_ins_end",
    rows=("S14",),
    how=gettext_lazy("Looks for IP addresses and browsers of log-ins that are kept longer than 30 days."),
)
def log_ins_end() -> Evidence:
    late = UserSession.objects.filter(created_at__lt=timezone.now() - timedelta(days=SESSION_DAYS) - GRACE).count()
    figure = _("%(kept)d log-ins, %(late)d too old") % {"kept": UserSession.objects.count(), "late": late}
    return Evidence(not late, figure)


# ---- who may come in ------------------------------------------------------------------------------------
PLACES = ("app/", "api/")  # where the doors of members stand; every other address is public or our own staff's
FOR_EVERYBODY = {
    "api/v1/schema/": "the description of the API, which says nothing of any account",
    "api/v1/docs/": "the same as a page",
    "api/v1/support/preview/": "the text that was sent, as the forum would show it",
    "api/<path:rest>": "answers that there is nothing",
}
PUBLIC = "api/v1/support/"  # the forum, which shows nothing of an account; only what is declared open is open there
ELSEWHERE = "203.0.113.24"

build(
    "allow_list_sockets",
    rows=("S76",),
    how=gettext_lazy("Opens consoles over real sockets, changes the list, and waits for those that must go."),
)


@probe(
    "allow_list",
    rows=("S76",),
    how=gettext_lazy("Knocks at every page and operation of members from an address that is not on the list."),
)
def allow_list() -> Evidence:
    doors = [(path, view) for path, view in list_doors() if path not in FOR_EVERYBODY and not _is_public(path, view)]
    unguarded = [path for path, view in doors if not _is_guarded(view)]
    of_members = [(path, view) for path, view in doors if path not in unguarded and not _is_of_a_person(view)]
    closed = [path for path, view in of_members if _answers_from_elsewhere(view) == "address"]
    rules = _rule_holds() and _key_is_refused()
    figure = _("%(doors)d doors of members, %(open)d open from elsewhere, %(unguarded)d without a guard") % {
        "doors": len(of_members),
        "open": len(of_members) - len(closed),
        "unguarded": len(unguarded),
    }
    return Evidence(bool(of_members) and len(closed) == len(of_members) and not unguarded and rules, figure)


def list_doors() -> list[tuple[str, Any]]:
    """Path and view of every route below PLACES."""

    def walk(node: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for part in node.url_patterns:
            path = prefix + str(part.pattern)
            if isinstance(part, URLPattern):
                yield path, part.callback
            else:
                yield from walk(part, path)

    return [(path, view) for path, view in walk(get_resolver(), "") if path.startswith(PLACES)]


def _is_of_a_person(view: Any) -> bool:
    return bool(getattr(view, "is_of_a_person", False)) and not hasattr(view, "member_action")


def _is_public(path: str, view: Any) -> bool:
    from accounts.api_base import OpenToAll

    return path.startswith(PUBLIC) and issubclass(getattr(view, "cls", object), OpenToAll)


def _is_guarded(view: Any) -> bool:
    operation = hasattr(getattr(view, "cls", None), "rights")
    return operation or hasattr(view, "member_action") or _is_of_a_person(view)


def _kept_out() -> Membership:
    """A member of an account whose list is empty; nothing of it is stored."""
    account = Account(pk=0, access_mode=Account.AccessMode.LISTED)
    return Membership(pk=0, user=User(pk=0), account=account, role=Membership.Role.OWNER)


def _answers_from_elsewhere(view: Any) -> str:
    """The code with which a door answers that member; "" when it lets them in."""
    request: Any = HttpRequest()
    request.method = "POST" if hasattr(view, "member_action") else "GET"
    request.META = {"REMOTE_ADDR": ELSEWHERE, "HTTP_ACCEPT": "application/json", "SERVER_NAME": settings.PUBLIC_HOST}
    request.kept_out, request.membership, request.session = _kept_out(), None, {}
    request.user = request.kept_out.user
    try:
        response = _inside(view)(request)
    except Refused as refused:
        return refused.code
    return str((getattr(response, "data", None) or {}).get("code", ""))


def _inside(view: Any) -> Any:
    """The guard itself, without what counts uses and checks methods around it."""
    while hasattr(view, "__wrapped__") and "member_action" not in _own_marks(view):
        view = view.__wrapped__
    return view


def _own_marks(view: Any) -> set[str]:
    """The marks that this wrapper set itself; `functools.wraps` copies those of what it wraps."""
    inner = getattr(getattr(view, "__wrapped__", None), "__dict__", {})
    return {name for name in vars(view) if name not in inner}


def _rule_holds() -> bool:
    listed, everyone = _kept_out().account, Account(pk=0, access_mode=Account.AccessMode.EVERYONE)
    return not queries.may_come_in(listed, ELSEWHERE) and queries.may_come_in(everyone, ELSEWHERE)


def _key_is_refused() -> bool:
    from accounts.api_base import ApiView  # DRF is loaded with the first operation, not with every command

    key, asked = ApiKey(membership=_kept_out()), HttpRequest()
    asked.META = {"REMOTE_ADDR": ELSEWHERE}
    try:
        ApiView._find_membership(SimpleNamespace(auth=key, _request=asked))
    except Refused as refused:
        return refused.code == "address"
    return False


@probe(
    "left_is_erased",
    rows=("S99",),
    how=gettext_lazy(
        "Looks for people who left, and accounts that were closed, whose 30 days are over and who are still there; "
        "and for files of photos that belong to nobody."
    ),
)
def left_is_erased() -> Evidence:
    before = timezone.now() - GRACE
    left = User.objects.filter(is_active=False, erase_at__lt=before)
    people = left.exclude(pk__in=held_keys(User._meta.label)).count()
    with scopes_disabled():
        closed = sum(not is_held(account) for account in Account.objects.filter(erase_at__lt=before)[:500])
    files = set(photo_files.list_keys(GRACE.total_seconds()))
    stray = len(files - set(User.objects.filter(photo_key__in=files).values_list("photo_key", flat=True)))
    figure = _("%(people)d people and %(closed)d accounts late, %(stray)d photos of nobody") % {
        "people": people,
        "closed": closed,
        "stray": stray,
    }
    return Evidence(not people and not closed and not stray, figure)


build(
    "photos_are_clean",
    rows=("S35",),
    how=gettext_lazy("Sends the photo of a phone with place, maker and comment, and looks for them in what is kept."),
)
build(
    "photo_is_gone",
    rows=("S36",),
    how=gettext_lazy("Removes a photo and looks at the disk and at every address from which it was served."),
)


REMOVED_WITHIN = 60  # seconds (S36, SAFETY: photo)
PHOTO_DOORS = ("accounts:operators_photo", "accounts:member_photo")


@probe(
    "photo_removal",
    rows=("S36",),
    how=gettext_lazy(
        "Looks for photos that are being removed for longer than a minute, knocks at each address of a photo that is "
        "gone, and reads how long a browser may keep one."
    ),
)
def photo_removal() -> Evidence:
    from accounts.my_profile import CACHED  # pages are loaded with the first request, not with every command

    late = photo_files.list_announced(REMOVED_WITHIN)
    gone = [User(is_active=False, photo_key="k", handle="h"), User(is_minor=True, photo_key="k", handle="h"), None]
    still = [person for person in map(queries.public_person, gone) if person.photo_url]
    answers = [look_at(reverse(door, args=["A" * 22])) for door in PHOTO_DOORS]
    open_doors = [answer for answer in answers if answer.status_code != 404]
    age = re.fullmatch(r"private, max-age=(\d+)", CACHED)
    kept = int(age[1]) if age else REMOVED_WITHIN + 1
    figure = _("%(late)d removals late, %(open)d addresses open, kept for %(kept)d s at most") % {
        "late": len(late),
        "open": len(open_doors) + len(still),
        "kept": kept,
    }
    return Evidence(not late and not open_doors and not still and kept <= REMOVED_WITHIN, figure)


@probe(
    "provider_choice",
    rows=("S91",),
    how=gettext_lazy(
        "Fills in the form for who comes from another service without ticking anything, and looks for what we kept of "
        "people's accounts elsewhere beyond the names of the fields that they chose."
    ),
)
def provider_choice() -> Evidence:
    from accounts.join_form import OFFERED, JoinForm  # forms are loaded with the first page, not with every command

    told = dict.fromkeys(OFFERED, "needle@specimen.example")
    form = JoinForm({}, told=told, is_proved=True)
    form.is_valid()
    taken = [name for name in OFFERED if form.cleaned_data.get(name)] + form.gave
    rows = list(SocialAccount.objects.values_list("extra_data", flat=True))
    more = sum(set(row) - {"gave"} != set() or not set(row.get("gave", [])) <= set(OFFERED) for row in rows)
    tokens = SocialToken.objects.count()
    names = ("EMAIL_AUTHENTICATION", "EMAIL_AUTHENTICATION_AUTO_CONNECT", "AUTO_SIGNUP", "STORE_TOKENS")
    loose = sum(bool(getattr(settings, f"SOCIALACCOUNT_{name}")) for name in names)
    figure = _("%(taken)d fields taken unasked, %(more)d of %(rows)d accounts hold more, %(tokens)d tokens") % {
        "taken": len(taken),
        "more": more,
        "rows": len(rows),
        "tokens": tokens,
    }
    return Evidence(not (taken or more or tokens or loose), figure)


build(
    "one_login_each",
    rows=("S29", "S90"),
    how=gettext_lazy(
        "Comes in from a service that answers as we tell it: the first time, again, with the e-mail of somebody else, "
        "with an e-mail that nobody proved, and with a connected account."
    ),
)
