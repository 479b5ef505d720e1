"""Pages of what operators sort and work with: tags, saved replies, blocks, and what the palette finds."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors import MemberRequest, member_page
from accounts.roles import can
from chat.actions.blocks import block_visitor, lift_block
from chat.actions.replies import delete_reply, save_reply
from chat.actions.tags import add_tag, delete_tag, merge_tags, rename_tag, tag_chat, untag_chat
from chat.desk import blocks, replies, tags
from chat.desk.finding import find_anything
from chat.forms import BlockForm, ReplyForm
from chat.models import Chat, SavedReply
from chat.queries import find_chat_for
from core.errors import Refused
from core.limits import limited, person_or_address
from operators.queries import find_operator_for


# ---- the palette -----------------------------------------------------------------------------------------------
@require_safe
@never_cache
@member_page("chats.read")
@limited("archive.search", by=person_or_address)
def find(request: MemberRequest) -> HttpResponse:
    """What the command palette finds for `q`: visitors, chats of the archive, saved replies."""
    operator = find_operator_for(request.membership)
    groups = find_anything(request.membership, operator, request.GET.get("q", ""))
    return JsonResponse({"groups": groups})


# ---- tags ------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("tags.edit")
def tag_list(request: MemberRequest) -> HttpResponse:
    """The account's tags with the number of their chats; POST adds one."""
    if request.method != "POST":
        return _tags_page(request)
    name = request.POST.get("name", "")
    try:
        added = add_tag(by=request.membership, name=name)
    except Refused as refusal:
        return _tags_page(request, refused=refusal, name=name)
    messages.success(request, _("The tag “%(name)s” is there.") % {"name": added.name})
    return redirect("chat:tags")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("tags.edit")
def tag_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """One tag: rename it, merge it with another, delete it."""
    tag = tags.find_tag_for(request.membership, pk)
    if request.method != "POST":
        return _tags_page(request, chosen=tag)
    deed = request.POST.get("do", "rename")
    try:
        if deed == "delete":
            said = _deleted(tag.name, delete_tag(by=request.membership, tag=tag))
        elif deed == "merge":
            wanted = request.POST.get("into", "")
            into = tags.find_tag_for(request.membership, int(wanted) if wanted.isdecimal() else 0)
            merge_tags(by=request.membership, tag=tag, into=into)
            said = _("“%(name)s” is now “%(into)s”.") % {"name": tag.name, "into": into.name}
        else:
            said = _("Saved.")
            rename_tag(by=request.membership, tag=tag, name=request.POST.get("name", ""))
    except Refused as refusal:
        if refusal.code == "not_found" and deed != "merge":
            raise
        sentence = _("Choose another tag to merge with.") if refusal.code == "not_found" else refusal.message
        return _tags_page(request, chosen=tag, edit_refused=sentence, name=request.POST.get("name", tag.name))
    messages.success(request, said)
    return redirect("chat:tags")


def _deleted(name: str, count: int) -> str:
    sentence = ngettext(
        "The tag “%(name)s” is deleted. It was on %(n)d chat.",
        "The tag “%(name)s” is deleted. It was on %(n)d chats.",
        count,
    )
    return sentence % {"name": name, "n": count}


def _tags_page(request: MemberRequest, **more: Any) -> HttpResponse:
    context = {"tags": tags.list_tags(), **more}
    if (chosen := more.get("chosen")) is not None:
        context["chosen"] = next((one for one in context["tags"] if one.pk == chosen.pk), chosen)
    failed = "refused" in more or "edit_refused" in more
    return render(request, "chat/tags.html", context, status=400 if failed else 200)


@require_POST
@member_page("chats.answer")
def tag_one_chat(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Puts a tag on a chat of the archive, or takes one off."""
    chat = find_chat_for(request.membership, public_id)
    operator = find_operator_for(request.membership)
    try:
        if request.POST.get("off"):
            untag_chat(chat_pk=chat.pk, name=request.POST["off"])
        else:
            tag_chat(operator=operator, chat_pk=chat.pk, name=request.POST.get("name", ""))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect(f"{_address_of(chat)}#chat")


def _address_of(chat: Chat) -> str:
    from django.urls import reverse

    return reverse("chat:transcript" if chat.state == Chat.State.CLOSED else "chat:chat", args=[chat.public_id])


# ---- saved replies ---------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("chats.answer")
def reply_list(request: MemberRequest) -> HttpResponse:
    """The saved replies that the operator can use; POST makes one."""
    return _reply_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("chats.answer")
def reply_edit(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One saved reply, to change it."""
    found = replies.find_reply_for(request.membership, find_operator_for(request.membership), public_id)
    return _reply_page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("chats.answer")
def reply_delete(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks first; then the saved reply is gone."""
    operator = find_operator_for(request.membership)
    found = replies.find_reply_for(request.membership, operator, public_id)
    if request.method != "POST":
        return _reply_page(request, found, asks=True)
    delete_reply(by=request.membership, operator=operator, reply=found)
    messages.success(request, _("#%(word)s is deleted.") % {"word": found.shortcut})
    return redirect("chat:replies")


def _reply_page(request: MemberRequest, reply: SavedReply | None, *, asks: bool = False) -> HttpResponse:
    membership, operator = request.membership, find_operator_for(request.membership)
    leads = can(membership, "replies.edit")
    start = {"scope": "personal"}
    if reply is not None:
        place = f"group:{reply.group_id}" if reply.group_id else reply.scope
        start = {"shortcut": reply.shortcut, "text": reply.text, "scope": place}
    is_sent = request.method == "POST" and not asks
    form = ReplyForm(
        request.POST if is_sent else None, initial=start, shared=leads, groups=replies.list_groups() if leads else []
    )
    if is_sent and form.is_valid():
        try:
            saved = save_reply(by=membership, operator=operator, reply=reply, **form.values())
        except Refused as refusal:
            if refusal.code == "not_found":
                raise
            form.refuse(refusal)
        else:
            messages.success(request, _("#%(word)s is saved.") % {"word": saved.shortcut})
            return redirect("chat:replies")
    context = {
        "form": form,
        "reply": reply,
        "asks": asks,
        "may_edit": reply is None or replies.may_edit(operator, membership, reply),
        "leads": leads,
        "lists": _lists(replies.list_replies(operator, leads=leads), leads),
        "placeholders": replies.PLACEHOLDERS.items(),
    }
    return render(request, "chat/replies.html", context, status=400 if form.errors else 200)


def _lists(found: dict[str, list[SavedReply]], leads: bool) -> list[dict[str, Any]]:
    titles = {"personal": _("Only me"), "group": _("Groups"), "account": _("Everybody")}
    return [
        {"title": title, "rows": found[scope], "may_edit": leads or scope == "personal"}
        for scope, title in titles.items()
        if found[scope]
    ]


# ---- blocks ----------------------------------------------------------------------------------------------------
@require_safe
@never_cache
@member_page("visitors.block")
def block_list(request: MemberRequest) -> HttpResponse:
    """Who cannot open the chat now."""
    operator, leads = find_operator_for(request.membership), can(request.membership, "blocks.lift")
    rows = [{"block": one, "may_lift": leads or one.operator_id == operator.pk} for one in blocks.list_blocks()]
    return render(request, "chat/blocked.html", {"rows": rows})


@require_POST
@member_page("visitors.block")
def block_lift(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Lifts a block."""
    found = blocks.find_block_for(request.membership, public_id)
    try:
        lift_block(
            block=found,
            operator=find_operator_for(request.membership),
            any_of_them=can(request.membership, "blocks.lift"),
        )
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The block is lifted."))
    return redirect("chat:blocked")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("visitors.block")
def block_add(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Blocks the visitor of a chat; from the archive, and where there is no script."""
    membership = request.membership
    chat = find_chat_for(membership, public_id)
    form = BlockForm(request.POST or None, initial={"what": "session", "hours": 24})
    if request.method == "POST" and form.is_valid():
        try:
            made = block_visitor(
                operator=find_operator_for(membership),
                visitor=blocks.find_visitor_for(membership, chat.visitor.public_id),
                supervises=can(membership, "chats.supervise"),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("%(name)s is blocked.") % {"name": made.network or chat.visitor.shown_name})
            return redirect("chat:blocked")
    context = {"form": form, "chat": chat, "hours": blocks.DURATIONS, "there": blocks.list_blocks_of(chat.visitor)}
    return render(request, "chat/block.html", context, status=400 if form.errors else 200)
