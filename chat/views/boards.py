"""The board of operators: who is here, with how much to do, and who waits for which group (S27)."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.doors import MemberRequest, member_page
from accounts.models import Account
from accounts.roles import can
from chat import queries
from chat.desk import screens
from chat.models import Chat
from chat.realtime.attendance import is_here
from operators.models import Operator
from operators.queries import list_groups, list_operators


@require_safe
@never_cache
@member_page("team.see")
def operators(request: MemberRequest) -> HttpResponse:
    """Everybody of the team with their load; with `X-Part: board` only the tables, which the page asks for again."""
    account, membership = request.membership.account, request.membership
    chats = queries.list_live_states(account)
    people = list_operators(account)
    rows = [_row_of(one, chats) for one in people]
    context = {
        "rows": sorted(rows, key=lambda row: (not row["here"], row["operator"].display_name.lower())),
        "here": sum(row["here"] for row in rows),
        "free": sum(max(0, row["operator"].chat_limit - len(row["chats"])) for row in rows if row["takes"]),
        "open": sum(chat.state == Chat.State.OPEN for chat in chats),
        "queues": _queues(account, chats),
        "supervises": can(membership, "chats.supervise"),
        "may_edit": can(membership, "team.edit"),
        "shows_operators": queries.find_chat_settings(account).show_operators,
        "statuses": Operator.Status,
    }
    part = request.headers.get("X-Part", "")
    return render(request, "chat/_operators.html" if part == "board" else "chat/operators.html", context)


def _row_of(operator: Operator, chats: list[Chat]) -> dict[str, Any]:
    here = is_here(operator.pk)
    return {
        "operator": operator,
        "here": here,
        "takes": here and operator.status == Operator.Status.ACCEPTING,
        "chats": [chat for chat in chats if chat.operator_id == operator.pk and chat.state == Chat.State.OPEN],
    }


def _queues(account: Account, chats: list[Chat]) -> list[dict[str, Any]]:
    """How many wait for each group and for everybody, and for how long the first of them."""
    waiting = [chat for chat in chats if chat.state == Chat.State.WAITING and not chat.by_mail]
    counts = Counter(chat.group_id for chat in waiting)
    first = {chat.group_id: chat.queued_at for chat in reversed(waiting)}
    names = [(None, _("Everybody")), *((group.pk, group.name) for group in list_groups(account))]
    return [
        {
            "name": name,
            "waiting": counts[pk],
            "longest": screens.say_span(timezone.now() - first[pk]) if pk in first else "",
        }
        for pk, name in names
    ]
