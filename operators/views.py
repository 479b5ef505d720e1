"""Pages of the team, and the page of an invited person."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.signup import complete_signup, prevent_enumeration
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions as accounts
from accounts.doors import MemberRequest, member_page
from accounts.links import absolute
from accounts.models import Membership, User
from accounts.roles import can
from core.errors import Refused
from core.limits import limited, person_or_address
from operators import actions, queries
from operators.actions.invitations import NewPerson
from operators.forms import AcceptForm, InviteForm, MemberForm
from operators.invites import CREATED
from operators.models import Invitation

TEAM = "operators:team"


# ---- The team -----------------------------------------------------------------------------------------
@require_safe
@never_cache
@member_page("team.see")
def team(request: MemberRequest) -> HttpResponse:
    return _team_page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("team.invite", by=person_or_address, methods=("POST",))
@member_page("team.edit")
def invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _team_page(request, dialog="invite", invite_form=form)
    try:
        outcome = actions.invite_operators(
            account=request.membership.account, rows=[form.row()], by=request.membership
        )[0]
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return _team_page(request, dialog="invite", invite_form=form)
    if outcome.code == CREATED:
        messages.success(request, _("One invitation is on its way."))
        return redirect(TEAM)
    form.add_error("email", str(outcome.message))
    known = Invitation.of(request.membership.account).filter(pk=outcome.there or 0).first()
    return _team_page(request, dialog="invite", invite_form=form, known=known)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("team.edit")
def edit_member(request: MemberRequest, person: uuid.UUID) -> HttpResponse:
    member = queries.find_member_for(request.membership, person)
    operator = actions.ensure_operator(membership=member)
    form = MemberForm(request.POST or None, by=request.membership, role=member.role, limit=operator.chat_limit)
    if request.method != "POST" or not form.is_valid():
        return _team_page(request, dialog="edit", member=member, member_form=form)
    try:
        actions.change_member(
            membership=member, role=form.cleaned_data["role"], limit=form.cleaned_data["limit"], by=request.membership
        )
    except Refused as refused:
        if refused.code == "not_found":
            raise
        form.add_error("role", str(refused.message))
        return _team_page(request, dialog="edit", member=member, member_form=form)
    messages.success(request, _("Saved."))
    return redirect(TEAM)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("team.edit")
def remove_member(request: MemberRequest, person: uuid.UUID) -> HttpResponse:
    member = queries.find_member_for(request.membership, person)
    if request.method != "POST":
        return _team_page(request, dialog="remove", member=member)
    return _end_membership(request, member, _("%(name)s is no longer in the team."))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("team.see")
def leave(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _team_page(request, dialog="leave")
    return _end_membership(request, request.membership, _("You left the account."))


def _end_membership(request: MemberRequest, member: Membership, done: str) -> HttpResponse:
    name = member.user.get_full_name()
    try:
        accounts.remove_member(membership=member, by=request.membership)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        messages.error(request, str(refused.message))
        return redirect(TEAM)
    messages.success(request, done % {"name": name} if "%" in done else done)
    return redirect("accounts:profile" if member.pk == request.membership.pk else TEAM)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("owners.edit")
def hand_over(request: MemberRequest, person: uuid.UUID) -> HttpResponse:
    member = queries.find_member_for(request.membership, person)
    if request.method != "POST":
        return _team_page(request, dialog="hand-over", member=member)
    accounts.hand_over_ownership(to=member, by=request.membership)
    messages.success(request, _("%(name)s owns the account now. You are an admin.") % {"name": member.user.name})
    return redirect(TEAM)


# ---- Invitations, for the team ------------------------------------------------------------------------
@require_POST
@limited("team.invite", by=person_or_address)
@member_page("team.edit")
def send_again(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_invitation_for(request.membership, public_id)
    row = None
    if "email" in request.POST:
        form = InviteForm(request.POST)
        if not form.is_valid():
            return _team_page(request, dialog="invite", invite_form=form, known=found)
        row = form.row()
    try:
        sent = actions.send_again(invitation=found, by=request.membership, row=row)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        messages.error(request, str(refused.message))
    else:
        left = Invitation.MOST_SENDS - sent.sends
        messages.success(request, _("Sent again. The link before it no longer works. Left: %(left)d") % {"left": left})
    return redirect(TEAM)


@require_POST
@never_cache
@member_page("team.edit")
def copy_link(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_invitation_for(request.membership, public_id)
    try:
        token = actions.copy_link(invitation=found, by=request.membership)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        messages.error(request, str(refused.message))
        return redirect(TEAM)
    link = absolute(reverse("operators:invitation", args=[token]))
    return _team_page(request, dialog="link", known=found, link=link)


@require_POST
@member_page("team.edit")
def withdraw(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    actions.revoke_invitation(
        invitation=queries.find_invitation_for(request.membership, public_id), by=request.membership
    )
    messages.success(request, _("Withdrawn. Name and e-mail are erased."))
    return redirect(TEAM)


def _team_page(request: MemberRequest, *, dialog: str = "", **parts: Any) -> HttpResponse:
    """The page, with one dialog open where a form asks or is wrong."""
    membership, account = request.membership, request.membership.account
    may_edit = can(membership, "team.edit")
    rows = queries.list_team(account)
    forms = [form for form in (parts.get("invite_form"), parts.get("member_form")) if form and form.is_bound]
    failed = next((form for form in forms if form.errors), None)
    context = {
        "rows": rows,
        "left": queries.list_left(account),
        "pending": queries.list_pending(account) if may_edit else [],
        "may_edit": may_edit,
        "may_edit_owners": can(membership, "owners.edit"),
        "most_sends": Invitation.MOST_SENDS,
        "life_days": Invitation.LIFE.days,
        "keep_days": Invitation.KEEP_DAYS,
        "dialog": dialog,
        "failed": failed,
        **parts,
        "invite_form": parts.get("invite_form") or InviteForm(),
        "row": next((row for row in rows if parts.get("member") and row.membership.pk == parts["member"].pk), None),
    }
    return render(request, "operators/team.html", context, status=400 if failed else 200)


# ---- The invited person -------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("invitation", methods=("POST",))
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites and what is known; accept, or be asked to switch logins (SAFETY: invite token, invite page)."""
    try:
        found = queries.find_open_invitation(token)
        return _answer(request, token, found)
    except Refused as refused:
        if refused.code != "not_found":
            raise
        return render(request, "operators/invitation_gone.html", status=404)


def _answer(request: HttpRequest, token: str, found: queries.FoundInvitation) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    one = found.invitation
    is_theirs = user is not None and one.address_hash in queries.hash_verified_addresses(user)
    form = None
    if user is None or is_theirs:
        by_passkey = found.proved and "passkey" in request.POST
        form = AcceptForm(request.POST or None, invitation=one, signed_in=is_theirs, by_passkey=by_passkey)
        if request.method == "POST" and form.is_valid():
            done = _join(request, token, found, form, user)
            if done is not None:
                return done
    context = {
        "invitation": one,
        "token": token,
        "form": form,
        "proved": found.proved,
        "is_theirs": is_theirs,
        "company": one.account.company,
        "inviter": one.invited_by.user.get_full_name() if one.invited_by else "",
        "erased_at": one.sent_at + timedelta(days=Invitation.KEEP_DAYS),
    }
    failed = bool(form and form.is_bound and form.errors)
    return render(request, "operators/invitation.html", context, status=400 if failed else 200)


def _join(
    request: HttpRequest, token: str, found: queries.FoundInvitation, form: AcceptForm, user: User | None
) -> HttpResponse | None:
    """Accepts; None when the form has to say something first."""
    if user is not None:
        membership = actions.accept_invitation(token=token, person=user, versions=form.versions)
        accounts.choose_account(session=request.session, user=user, public_id=membership.account.public_id)
        messages.success(request, _("You are in the team of %(company)s.") % {"company": membership.account.company})
        return redirect("chat:console")
    data = form.cleaned_data
    person = NewPerson(data["name"], data["surname"], data["password1"] or None, (get_language() or "en")[:10])
    if not found.proved:
        claimed = actions.claim_invitation(token=token, person=person, versions=form.versions)
        if claimed is None:  # the address has a login: it hears of it by mail, the page looks the same
            return prevent_enumeration(request, email=found.invitation.email)
        return complete_signup(request, user=claimed)
    try:
        membership = actions.accept_invitation(token=token, person=person, versions=form.versions)
    except Refused as refused:
        if refused.code != "taken":
            raise
        form.add_error(None, _("This address has a login already. Log in, then accept."))
        return None
    after = "mfa_add_webauthn" if form.by_passkey else "chat:console"
    return complete_signup(request, user=membership.user, redirect_url=reverse(after))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("invitation", methods=("POST",))
def remove_address(request: HttpRequest, token: str) -> HttpResponse:
    """ "Remove my address": the page is the same for every link, and only a press acts; the proof comes afterwards."""
    proof = actions.remove_address(token=token) if request.method == "POST" else ""
    context = {"done": request.method == "POST", "proof": proof}
    return render(request, "operators/address_removed.html", context)
