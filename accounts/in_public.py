"""Pages of what the public knows of a member: the name and the age answer before the first post, and blocks."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, queries
from accounts.doors import PersonRequest, signed_in_page
from accounts.forms import MemberForm
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from core.next_page import local_path


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in_page
def member(request: PersonRequest) -> HttpResponse:
    """Asked once before the first post or request, and whenever somebody wants another name (S49, S84)."""
    return _save(request) if request.method == "POST" else _page(request, MemberForm(user=request.user))


@limited("member", by=person_or_address)
def _save(request: PersonRequest) -> HttpResponse:
    form = MemberForm(request.POST, user=request.user)
    if request.POST.get("age") == MemberForm.CHILD:  # before anything else is read: nothing of it is kept (S49)
        return render(request, "accounts/too_young.html")
    if form.is_valid():
        try:
            actions.become_member(user=request.user, **form.choices())
        except Refused as refused:
            form.add_error("display_name", str(refused.message))
        else:
            name = queries.public_name(request.user)
            messages.success(request, _("Saved. From now on you write as %(name)s.") % {"name": name})
            return HttpResponseRedirect(_after(request))
    return _page(request, form)


def _page(request: HttpRequest, form: MemberForm) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "next": local_path(_asked(request))}
    return render(request, "accounts/member.html", context, status=400 if form.errors else 200)


def _asked(request: HttpRequest) -> str:
    return str(request.POST.get("next", "") or request.GET.get("next", ""))


def _after(request: HttpRequest) -> str:
    return local_path(_asked(request)) or f"{reverse('accounts:profile')}#public"


@require_POST
@signed_in_page
@limited("member", by=person_or_address)
def block(request: PersonRequest, handle: str) -> HttpResponse:
    """Blocks the member with this handle, and goes back to where the button stood."""
    other = queries.find_member(handle)
    if other is None:
        raise not_found()
    actions.block_member(user=request.user, other=other)
    sentence = _("You read and hear nothing of %(name)s any more. Your profile has the list.")
    messages.success(request, sentence % {"name": queries.public_name(other)})
    return HttpResponseRedirect(_after(request))


@require_POST
@signed_in_page
def unblock(request: PersonRequest, pk: int) -> HttpResponse:
    """Takes a member off the list; by the row, so that one who is gone can be taken off too."""
    row = queries.find_block(request.user, pk)
    actions.unblock_member(user=request.user, other=row.blocked)
    messages.success(request, _("Taken off your list."))
    return redirect(_after(request))
