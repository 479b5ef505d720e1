"""The agents' desk: lists with filters and search, one request, answers, notes, changes for one or many (S30, S31).

Agents see no account's chats: nothing here reads them (support/views/access.py does, by grant).
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import public_name, public_people
from accounts.staff import agents_only, support_agents
from audit.actions import record_view
from core.errors import Refused
from core.limits import limited, person_or_address
from support import queries, screens
from support.actions import desk as actions
from support.forms import ChangeForm, DeskForm, MessageForm
from support.looking import note_look
from support.models import SupportRequest
from support.placeholders import fill
from support.views.files import send_file

STATUS_OF = {"send": "waiting", "solve": "solved", "keep": "open"}


def _labels() -> list[tuple[str, str]]:
    return [
        ("open", _("Open")), ("mine", _("Mine")), ("unassigned", _("Nobody's")), ("due", _("Due")),
        ("waiting", _("Waiting for the customer")), ("solved", _("Solved")), ("closed", _("Closed")),
        ("all", _("All")),
    ]  # fmt: skip


@agents_only
@require_GET
@never_cache
@limited("support.desk", by=person_or_address)
def desk(request: HttpRequest) -> HttpResponse:
    """The list, with filters, words and keyset pages."""
    wanted = DeskForm(request.GET).read()
    page = queries.list_desk(wanted, request.user, after=request.GET.get("after", ""))
    counts = queries.count_desk(request.user)
    _know(request, counts["open"])
    now = timezone.now()
    plain = wanted.view == "open" and not (wanted.text or wanted.priority or wanted.tag)
    asked = {name: request.GET[name] for name in ("view", "q", "priority", "tag", "order") if request.GET.get(name)}
    context = {
        "wanted": wanted,
        "tabs": [
            {"key": key, "label": label, "count": counts.get(key, 0), "current": key == wanted.view}
            for key, label in _labels()
        ],
        "rows": [screens.row_of(one, now) for one in page.rows],
        "after": page.after,
        "is_first": "after" not in request.GET,
        "asked": urlencode(asked),
        "asked_without_order": urlencode({key: value for key, value in asked.items() if key != "order"}),
        "clocks": [screens.clock_of(one, now) for one in queries.list_privacy()] if plain else [],
        "tags": sorted(
            {tag.name: tag for one in page.rows for tag in one.tags.all()}.values(), key=lambda tag: tag.name
        ),
        "priorities": SupportRequest.Priority.choices,
        "statuses": [choice for choice in SupportRequest.Status.choices if choice[0] != "new"],
        "agents": list(support_agents()),
        "most": queries.COUNTED,
    }
    return render(request, "support/desk.html", context)


def _know(request: HttpRequest, count: int | None = None) -> None:
    """What the sidebar would ask the database for again."""
    request.user.is_known_agent = True  # type: ignore[union-attr]  # read by support/navigation.py, of this request only
    if count is not None:
        request.nav_counts = {"requests": min(count, queries.COUNTED)}  # type: ignore[attr-defined]  # core/templatetags/look.py


@agents_only
@require_POST
@never_cache
def bulk(request: HttpRequest) -> HttpResponse:
    """Changes every request that was ticked, or merges them into the oldest; all of it or nothing."""
    back = f"{reverse('support:desk')}?{request.POST.get('asked', '')}".rstrip("?")
    numbers = [
        int(one) for one in request.POST.getlist("number") if one.isascii() and one.isdecimal() and len(one) < 10
    ]
    found = queries.find_by_numbers(numbers)
    try:
        if not found:
            raise Refused("none", _("Choose one request or more first."))
        if request.POST.get("do") == "merge":
            for one in found[1:]:
                actions.merge_requests(source=one, target=found[0], agent=request.user)
        else:
            _change(request, found)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect(back)
    done = ngettext("%(n)d request changed.", "%(n)d requests changed.", len(found)) % {"n": len(found)}
    messages.success(request, done)
    return redirect(back)


def _change(request: HttpRequest, found: list[SupportRequest]) -> None:
    if request.POST.get("take"):
        actions.change_requests(requests=found, agent=request.user, changes=actions.Changes(assignee=request.user))
        return
    form = ChangeForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", _("This cannot be done. Load the page again and choose once more."))
    given = form.cleaned_data
    changes = actions.Changes(
        assignee=_agent(request, given["assignee"]), status=given["status"] or None,
        priority=given["priority"] or None, add_tags=form.tags("add_tag"), remove_tags=form.tags("remove_tag"),
    )  # fmt: skip
    actions.change_requests(requests=found, agent=request.user, changes=changes)


def _agent(request: HttpRequest, word: str) -> Any:
    """Who is meant: None for no change, "" for nobody."""
    if word == "me":
        return request.user
    if word == "nobody":
        return ""
    if not word:
        return None
    found = support_agents().filter(handle=word).first()
    if found is None:
        raise Refused("bad_agent", _("Choose one of the agents."))
    return found


# ---- one request --------------------------------------------------------------------------------------------
@agents_only
@require_GET
@never_cache
@limited("support.desk", by=person_or_address)
def show(request: HttpRequest, number: int) -> HttpResponse:
    """A request with its whole thread, notes too, and what can be done with it."""
    found = queries.find_request_for_agent(number)
    if found.merged_into is not None:
        messages.info(request, _("Request %(number)s was merged into this one.") % {"number": number})
        return redirect("support:desk_request", found.merged_into.number)
    return _page(request, found)


def _page(
    request: HttpRequest, found: SupportRequest, *, form: MessageForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    _know(request)
    word = f"user:{found.user_id}" if found.user_id else f"request:{found.pk}"
    record_view(staff_user_id=request.user.pk or 0, subject=word, account_ref=None, why="support.desk")
    agents = list(support_agents())
    events = queries.list_events(found)
    names = {agent.pk: public_name(agent) for agent in agents}
    context = {
        "asked": found,
        "row": screens.row_of(found),
        "hue": screens.hue_key(found),
        "thread": queries.list_thread(found, notes=True),
        "events": [(one, screens.say_event(one, names), public_name(one.user) if one.user else "") for one in events],
        "form": form or MessageForm(),
        "replies": queries.list_replies(),
        "agents": agents,
        "others": [(one, screens.say_status(one)) for one in queries.list_others_of(found)],
        "statuses": [choice for choice in SupportRequest.Status.choices if choice[0] != "new"],
        "priorities": SupportRequest.Priority.choices,
        "tags": queries.list_tags(),
        "lookers": _lookers(request, found),
        **more,
    }
    return render(request, "support/desk_request.html", context, status=status)


def _lookers(request: HttpRequest, found: SupportRequest) -> list[tuple[str, int]]:
    looks = note_look(found.pk, request.user.pk or 0)
    people = public_people([who for who, _ago in looks]) if looks else {}
    return [(people[who].name, ago) for who, ago in looks if who in people]


@agents_only
@require_GET
@never_cache
def looking(request: HttpRequest, number: int) -> HttpResponse:
    """Which other agents have it open, asked for every ten seconds while the page is."""
    found = queries.find_request_for_agent(number)
    return render(request, "support/_lookers.html", {"asked": found, "lookers": _lookers(request, found)})


@agents_only
@require_POST
@never_cache
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Sends an answer, keeps a note, or (`do=insert`) puts a saved reply behind what was written."""
    found = queries.find_request_for_agent(number)
    do = request.POST.get("do", "send")
    if do == "insert":
        return _insert(request, found)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form=form, status=400)
    try:
        if do == "note":
            actions.add_note(request=found, agent=request.user, written=form.written(), uploads=form.uploads())
        else:
            actions.answer_request(
                request=found, agent=request.user, written=form.written(), uploads=form.uploads(),
                status=STATUS_OF.get(do, "waiting"),
            )  # fmt: skip
    except Refused as refusal:
        more = {"refusal": refusal.message, "had_files": bool(request.FILES)}
        return _page(request, found, form=form, status=refusal.status, **more)
    messages.success(request, _("Your note is kept.") if do == "note" else _("Your answer is on its way."))
    return redirect("support:desk_request", number)


def _insert(request: HttpRequest, found: SupportRequest) -> HttpResponse:
    asked = request.POST.get("reply", "")
    text = request.POST.get("text", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 18:
        reply = queries.find_saved_reply(int(asked))
        filled = fill(reply.text, request=found, agent_name=public_name(request.user))  # type: ignore[arg-type]  # an agent
        text = f"{text.rstrip()}\n\n{filled}".lstrip("\n")
    return _page(request, found, form=MessageForm(initial={"text": text}))


@agents_only
@require_POST
@never_cache
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Gives a request an agent, a status, a priority, tags; or merges it into another."""
    found = queries.find_request_for_agent(number)
    try:
        target = request.POST.get("merge", "").strip()
        if target:
            if not (target.isascii() and target.isdecimal() and len(target) < 10):
                raise Refused("bad_number", _("Write the number of the other request."))
            other = queries.find_request_for_agent(int(target))
            found = actions.merge_requests(source=found, target=other, agent=request.user)
        else:
            _change(request, [found])
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Changed."))
    return redirect("support:desk_request", found.number)


@agents_only
@require_POST
@never_cache
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Deletes a request with everything in it, with a reason."""
    found = queries.find_request_for_agent(number)
    try:
        actions.delete_request(request=found, agent=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("support:desk_request", number)
    messages.success(request, _("Request %(number)s is deleted.") % {"number": number})
    return redirect("support:desk")


@agents_only
@require_GET
@limited("support.file", by=person_or_address)
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file of any request; checked at each download."""
    return send_file(queries.find_file_for_agent(public_id))
