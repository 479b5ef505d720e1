"""Page of how long an account keeps what: the days that it may choose, and those that the data map fixes (S14, S26)."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions import change_company
from accounts.doors import MemberRequest, member_page
from accounts.models import Account
from chat.forms import RetentionForm
from chat.personal_data import KEPT
from chat.queries import count_over_time
from core.personal_data import PersonalModel, Subject, registry

OFFERED = (30, 90, 180, 365, 730)  # days, for comparison


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("account.edit")
def retention(request: MemberRequest) -> HttpResponse:
    """The days of each kind, and what would be deleted tonight; POST changes them, after a question where chats go."""
    account = Account.objects.get(pk=request.membership.account_id)
    if request.method != "POST":
        return _page(request, account, RetentionForm(initial=_start(account, request.GET.get("chat_keep_days", ""))))
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, account, form, status=400)
    days = form.cleaned_data["chat_keep_days"]
    going = count_over_time(account, [days], timezone.now())[days] if days < account.chat_keep_days else 0
    if going and request.POST.get("confirmed") != str(going):
        return _page(request, account, form, going=going)
    change_company(by=request.membership, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("chat:retention")


def _start(account: Account, asked: str) -> dict[str, Any]:
    days = int(asked) if asked.isdecimal() and len(asked) < 5 else account.chat_keep_days
    return {"chat_keep_days": days, "truncate_addresses": account.truncate_addresses}


def _page(
    request: MemberRequest, account: Account, form: RetentionForm, *, going: int = 0, status: int = 200
) -> HttpResponse:
    chosen = form["chat_keep_days"].value()
    known = int(chosen) if str(chosen).isdecimal() and 7 <= int(chosen) <= 730 else account.chat_keep_days
    steps = sorted({*OFFERED, account.chat_keep_days, known})
    counts = count_over_time(account, steps, timezone.now())
    context = {
        "form": form,
        "going": going,
        "kinds": list(_kinds(account.chat_keep_days)),
        "steps": [(days, counts[days], days == account.chat_keep_days, days == known) for days in steps],
    }
    return render(request, "chat/retention.html", context, status=status)


def _kinds(chat_days: int) -> Iterator[tuple[Any, str, Any]]:
    """What is kept of visitors: the table in words, its fields, how long; fields with days of their own apart."""
    for entry in registry:
        if entry.subject is Subject.VISITOR and entry.fields:
            yield from _kinds_of(entry, chat_days)


def _kinds_of(entry: PersonalModel, chat_days: int) -> Iterator[tuple[Any, str, Any]]:
    by_days: dict[int | None, list[str]] = {}
    for field in entry.fields:
        by_days.setdefault(field.keep_days, []).append(str(field.label or field.name))
    for days, labels in by_days.items():
        kept = (_days(chat_days) if entry.kept is KEPT else entry.kept) if days is None else _days(days)
        yield entry.label, ", ".join(labels), kept


def _days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
