"""Page of who may delete visitors: lines that an erasure masked, to look at one by one (SAFETY.md 3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import MemberRequest, member_page
from chat.actions.masked import keep_masked, remove_masked
from chat.desk.masked import find_masked_for, list_masked


@require_safe
@never_cache
@member_page("visitors.delete")
def masked(request: MemberRequest) -> HttpResponse:
    """The lines that nobody has looked at yet."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    rows, older = list_masked(request.membership.account, before=before)
    return render(request, "chat/masked.html", {"rows": rows, "next": older, "is_first": before is None})


@require_POST
@member_page("visitors.delete")
def decide(request: MemberRequest, public_id: UUID, seq: int) -> HttpResponse:
    """One of them: it stays as it is, or it goes."""
    line = find_masked_for(request.membership, public_id, seq)
    if request.POST.get("do") == "remove":
        done, said = remove_masked(line=line, by=request.membership), _("The line is removed.")
    else:
        done, said = keep_masked(line=line, by=request.membership), _("The line stays as it is.")
    messages.success(request, said if done else _("Somebody has decided about this line already."))
    return redirect("chat:masked")
