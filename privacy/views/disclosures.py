"""Pages of privacy officers: disclosures that somebody demands by law (S52)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.staff import officers_only
from audit.actions import record_view
from core.errors import Refused
from core.uploads import read_upload
from privacy.actions import disclosing as actions
from privacy.disclosure_forms import DemandForm, SentForm
from privacy.models import LegalDisclosure
from privacy.queries.disclosures import find_disclosure, list_disclosures


@officers_only
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def disclosures(request: HttpRequest) -> HttpResponse:
    """Every demand, and the form that records one."""
    form = DemandForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("ground", "requester", "reference", "scope", "user")}
        made = actions.record_demand(by=request.user, **given)  # type: ignore[arg-type]  # signed in
        messages.success(request, _("Recorded. A second officer must approve it before anything leaves."))
        return redirect("privacy:ledger_disclosure", made.public_id)
    context = {"rows": list_disclosures(), "form": form}
    return render(request, "privacy/disclosures.html", context, status=400 if form.errors else 200)


@officers_only
@require_GET
@never_cache
def disclosure(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, find_disclosure(public_id), SentForm())


def _page(request: HttpRequest, found: LegalDisclosure, form: SentForm) -> HttpResponse:
    if found.user_id:
        word = f"user:{found.user_id}"
        record_view(staff_user_id=request.user.pk or 0, subject=word, account_ref=None, why="privacy.case")
    context = {"one": found, "form": form, "may_approve": found.asked_by_id != request.user.pk}
    return render(request, "privacy/disclosure.html", context, status=400 if form.errors else 200)


@officers_only
@require_POST
@never_cache
def approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approves what another officer recorded."""
    try:
        actions.approve_demand(by=request.user, found=find_disclosure(public_id))  # type: ignore[arg-type]  # signed in
    except Refused as refusal:
        _say(request, refusal)
    return redirect("privacy:ledger_disclosure", public_id)


@officers_only
@require_POST
@never_cache
def send(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keeps the hash of the copy; the file itself is not kept."""
    found, form = find_disclosure(public_id), SentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        copy, day = read_upload(form.cleaned_data["copy"]), form.cleaned_data["silent_until"]
        actions.note_sent(by=request.user, found=found, copy=copy, silent_until=day)  # type: ignore[arg-type]  # signed in
    except Refused as refusal:
        _say(request, refusal)
    return redirect("privacy:ledger_disclosure", public_id)


@officers_only
@require_POST
@never_cache
def tell(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Opens the line to its person, once the demand allows it."""
    try:
        actions.tell_person(by=request.user, found=find_disclosure(public_id))  # type: ignore[arg-type]  # signed in
    except Refused as refusal:
        _say(request, refusal)
    return redirect("privacy:ledger_disclosure", public_id)


def _say(request: HttpRequest, refusal: Refused) -> None:
    if refusal.status == 404:
        raise refusal
    messages.error(request, str(refusal.message))
