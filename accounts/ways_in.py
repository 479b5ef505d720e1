"""Pages: from where members may come in, the link that opens the door again, and API keys."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, links, networks, queries
from accounts.doors import MemberRequest, PersonRequest, member_page, signed_in_page
from accounts.forms import AccessRuleForm, ApiKeyForm
from accounts.models import Account
from accounts.roles import SCOPES, can
from core.client_address import client_address
from core.errors import Refused, not_found
from core.limits import count_use, limited, person_or_address

LISTED = Account.AccessMode.LISTED


# ---- from where -------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_page("access.edit")
def access(request: MemberRequest) -> HttpResponse:
    """Who may come in; POST changes the mode."""
    if request.method != "POST":
        return _access_page(request)
    mode = request.POST.get("mode", "")
    try:
        actions.set_access_mode(by=request.membership, mode=mode, address=client_address(request))
    except Refused as refused:
        return _access_page(request, refused=refused, mode=mode)
    messages.success(request, _("Saved."))
    return redirect("accounts:access")


@require_POST
@member_page("access.edit")
def add_rule(request: MemberRequest) -> HttpResponse:
    form = AccessRuleForm(request.POST)
    if not form.is_valid():
        return _access_page(
            request, refused=Refused("bad_network", _("The address or its name is too long")), form=form
        )
    try:
        rule = actions.add_access_rule(by=request.membership, **form.cleaned_data)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        return _access_page(request, refused=refused, form=form)
    messages.success(request, _("%(network)s is on the list.") % {"network": rule.network})
    return redirect("accounts:access")


@require_POST
@member_page("access.edit")
def remove_rule(request: MemberRequest, public_id: UUID) -> HttpResponse:
    rule = queries.find_access_rule(public_id)
    try:
        actions.remove_access_rule(by=request.membership, rule=rule, address=client_address(request))
    except Refused as refused:
        return _access_page(request, refused=refused)
    messages.success(request, _("%(network)s is off the list.") % {"network": rule.network})
    return redirect("accounts:access")


def _access_page(
    request: MemberRequest, *, refused: Refused | None = None, mode: str = "", form: AccessRuleForm | None = None
) -> HttpResponse:
    account = Account.objects.get(pk=request.membership.account_id)  # the action may have changed it, or not
    address = client_address(request)
    rules, seen = queries.list_access_rules(), queries.list_last_seen(account)
    ranges = [rule.network for rule in rules]
    around = networks.network_around(address)
    context: dict[str, Any] = {
        "tab": "access",
        "mode": mode or account.access_mode,
        "is_on": account.access_mode == LISTED,
        "rows": [{"rule": rule, "last": _last_from(rule.network, seen)} for rule in rules],
        "address": address,
        "is_listed": networks.holds(ranges, address),
        "around": around if around not in ranges else "",
        "outlook": _outlook(request, ranges, seen),
        "form": form or AccessRuleForm(),
        "refused": refused,
        "locks_out": refused is not None and refused.code == "lock_out",
    }
    return render(request, "accounts/access.html", context, status=400 if refused else 200)


def _last_from(network: str, seen: list[queries.LastSeen]) -> queries.LastSeen | None:
    """Who logged in from this range last."""
    here = [one for one in seen if one.at is not None and networks.holds([network], one.address)]
    return max(here, key=lambda one: one.at, default=None)  # type: ignore[arg-type, return-value]  # `at` is a moment here


def _outlook(request: MemberRequest, ranges: list[str], seen: list[queries.LastSeen]) -> dict[str, Any]:
    """What the list would mean for each member, by where they logged in last."""
    others = [one for one in seen if one.member.pk != request.membership.pk]
    known = [one for one in others if one.at is not None]
    return {
        "can": [one for one in known if networks.holds(ranges, one.address)],
        "out": [one for one in known if not networks.holds(ranges, one.address)],
        "unknown": [one for one in others if one.at is None],
    }


# ---- the link that opens the door again ---------------------------------------------------------------------
@require_POST
@signed_in_page
def ask_recovery(request: PersonRequest) -> HttpResponse:
    """Mails the owners a link; for members who are kept out, and as a try from the settings."""
    membership = request.membership or request.kept_out
    if not membership:
        raise not_found()
    count_use("access.recovery", f"account:{membership.account_id}")
    with queries.scope_of(membership):
        actions.send_recovery_links(account=membership.account, asked_by=request.user.pk)
    messages.success(request, _("A link is on its way to the owner. It works for 30 minutes."))
    return redirect("accounts:access" if request.membership else "accounts:profile")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("access.recovery_link")
@signed_in_page
def recover(request: PersonRequest, token: str) -> HttpResponse:
    """The page behind the link: it asks once more, so that a scanner of mails opens nothing."""
    link = queries.find_recovery_for(request.user, links.read_recovery_token(token), timezone.now())
    if link is None:
        raise actions.bad_link()
    if request.method != "POST":
        return render(request, "accounts/recover.html", {"account": link.account, "token": token})
    with queries.scope_of(link):
        actions.use_recovery_link(link=link, user_id=request.user.pk)
    request.session["membership"] = link.owner_id
    messages.success(request, _("Everyone on the team can come in from anywhere again. The list itself is unchanged."))
    return redirect("accounts:access")


# ---- API keys -----------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_page("keys.own")
@limited("keys", by=person_or_address, methods=("POST",))
def keys(request: MemberRequest) -> HttpResponse:
    """The keys; POST makes one and shows its secret, this once."""
    form = ApiKeyForm(request.POST or None, membership=request.membership)
    if request.method != "POST":
        return _keys_page(request, form)
    if not form.is_valid():
        return _keys_page(request, form, status=400)
    try:
        key, secret = actions.create_api_key(membership=request.membership, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return _keys_page(request, form, status=400)
    return _keys_page(request, ApiKeyForm(membership=request.membership), made={"key": key, "secret": secret})


@require_POST
@member_page("keys.own")
def revoke_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    key = queries.find_api_key_for(request.membership, public_id, everybody=can(request.membership, "keys.all"))
    actions.revoke_api_key(key=key, by=request.membership)
    messages.success(request, _("The key “%(name)s” does not work any more.") % {"name": key.name})
    return redirect("accounts:keys")


def _keys_page(
    request: MemberRequest, form: ApiKeyForm, *, made: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    found = queries.list_api_keys(request.membership, everybody=can(request.membership, "keys.all"))
    rows = [
        {"key": key, "is_open": key.is_open(now), "may": [SCOPES[scope] for scope in SCOPES if scope in key.scope_set]}
        for key in found
    ]
    chosen = form.data.getlist("scopes") if form.is_bound else ["profile.read"]  # type: ignore[attr-defined]  # a QueryDict
    context = {"tab": "keys", "form": form, "rows": rows, "made": made, "chosen": chosen}
    return render(request, "accounts/keys.html", context, status=status)
