"""Pages of erasure: the plan before it is confirmed, the certificate afterwards, and the page that checks one."""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import PersonRequest, is_fresh, signed_in_page
from accounts.staff import officers_only
from core.errors import Refused, not_found
from core.limits import count_use, limited
from privacy.actions import erasing, holds
from privacy.certificates import LONGEST, public_key, read_certificate
from privacy.hold_form import HoldForm
from privacy.persons import person_of_address, person_of_user
from privacy.queries import erasures as queries


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in_page
def erase(request: PersonRequest) -> HttpResponse:
    """What an erasure would do to one's own data; with the password it begins, and there is no way back."""
    refused: Any = ""
    if request.method == "POST":
        count_use("erase", f"user:{request.user.pk}")
        if not _is_proved(request):
            refused = _("This is not your password.")
        elif not request.POST.get("understood"):
            refused = _("Tick the box: there is no way back.")
        else:
            try:
                return _begin(request)
            except Refused as problem:
                refused = problem.message
    person = person_of_user(request.user)
    context = {"lines": queries.preview(person), "refused": refused, "on_hold": queries.is_on_hold(person.refs)}
    context["ask_password"] = request.user.has_usable_password()
    return render(request, "privacy/erase.html", context, status=400 if refused else 200)


def _is_proved(request: PersonRequest) -> bool:
    """The password; who has none has logged in by another way within the last minutes."""
    if request.user.has_usable_password():
        return request.user.check_password(request.POST.get("password", ""))
    return is_fresh(request)


def _begin(request: PersonRequest) -> HttpResponse:
    plan = erasing.begin_erasure(person=person_of_user(request.user))
    logout(request)
    return redirect("privacy:erasure_result", public_id=plan.public_id)


@require_safe
@never_cache
@limited("certificate")
def result(request: HttpRequest, public_id: Any) -> HttpResponse:
    """How far an erasure is; its address is known to the person only, and the page names nobody."""
    plan = queries.find_plan(public_id)
    if plan is None:
        raise not_found()
    body = read_certificate(plan.certificate) if plan.certificate else None
    return render(request, "privacy/erasure_result.html", {"plan": plan, "body": body})


@require_safe
@never_cache
@limited("certificate")
def download(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The certificate as a file."""
    plan = queries.find_plan(public_id)
    if plan is None or not plan.certificate:
        raise not_found()
    response = HttpResponse(plan.certificate, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="certificate.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@limited("certificate")
def certificate(request: HttpRequest) -> HttpResponse:
    """Checks a certificate that somebody pastes or uploads, and shows the public key; nothing is kept."""
    text = request.POST.get("certificate", "")
    if file := request.FILES.get("file"):
        text = file.read(LONGEST + 1).decode("utf-8", errors="replace")
    body = read_certificate(text) if text else None
    context = {"key": public_key(), "text": text[:LONGEST], "body": body, "is_checked": bool(text)}
    return render(request, "privacy/certificate.html", context, status=400 if text and body is None else 200)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The public key as a file, for other programs."""
    return HttpResponse(public_key(), content_type="application/x-pem-file")


# ---- the privacy officer's page ----
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@officers_only
def watch(request: PersonRequest) -> HttpResponse:
    """Erasures in which something was found, and legal holds: an officer says what stays, places and ends holds."""
    form, refused = HoldForm(request.POST or None), ""
    if request.method == "POST":
        try:
            if _act(request, form):
                return redirect("privacy:erasure_watch")
        except Refused as problem:
            refused = str(problem.message)
    context = {"plans": queries.list_open_plans(), "holds": queries.list_active_holds(), "form": form}
    status = 400 if refused or (form.is_bound and form.errors and request.POST.get("act") == "hold") else 200
    return render(request, "privacy/erasure_watch.html", {**context, "refused": refused}, status=status)


def _act(request: PersonRequest, form: HoldForm) -> bool:
    """Does what a form of the page asks; answers whether it was done."""
    act, number = request.POST.get("act"), request.POST.get("number", "")
    if act == "hold":
        if not form.is_valid():
            return False
        person = person_of_address(form.cleaned_data["email"])
        told = {name: form.cleaned_data[name] for name in ("reason", "review_on")}
        holds.place_hold(refs=person.refs, owner=request.user, **told)
    elif act == "end_hold":
        holds.end_hold(hold=queries.find_hold(number), by=f"user:{request.user.pk}")
    elif act == "accept":
        because = request.POST.get("because", "")
        erasing.accept_findings(plan=queries.find_open_plan(number), by=request.user, because=because)
    elif act == "again":
        erasing.try_again(plan=queries.find_open_plan(number))
    else:
        raise not_found()
    return True
