"""What a visitor's chat keeps, read from the data map and the rows at that moment (P9, S14)."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scoping import scopes_disabled
from chat.models import Chat, Message, Note, Visitor
from chat.queries import find_chat_settings, find_last_chat, list_files_of
from chat.realtime.frames import hide_names, line_of
from chat.realtime.protocol import iso
from core.personal_data import Category, PersonalField, PersonalModel, Subject, SubjectRef, registry
from policies.models import Version
from policies.queries import find_version_in_force

SHOWN = ("chat.Visitor", "chat.Chat", "chat.Message")


def describe_kept(visitor: Visitor) -> dict[str, Any]:
    """The receipt: each declared kind with a value, how many, and until when; and what is not kept."""
    chat = find_last_chat(visitor.pk)
    ends = _life_end(visitor, chat)
    names, shows = _names_of_readers(visitor), find_chat_settings(visitor.account).show_operators
    rows: list[dict[str, Any]] = [
        {
            "what": _("Your messages"),
            "count": Message.objects.filter(chat__visitor=visitor, author=Message.Author.VISITOR).count(),
            "until": iso(ends),
            "never": "",
        }
    ]
    for field in registry.find("chat.Visitor").fields:
        if field.category in (Category.SECRET, Category.CHOICE) or not getattr(visitor, field.name, None):
            continue
        rows.append({"what": str(field.label), "count": None, "until": iso(_until(visitor, field, ends)), "never": ""})
    files = len(list_files_of(visitor))
    if files:
        rows.append({"what": _("Files"), "count": files, "until": iso(ends), "never": ""})
    answers = sum(len(given) for given in Chat.objects.filter(visitor=visitor).values_list("answers", flat=True))
    if answers:
        rows.append({"what": _("Your answers"), "count": answers, "until": iso(ends), "never": ""})
    notes = Note.objects.filter(chat__visitor=visitor).count()
    if notes:
        rows.append({"what": _("Notes between operators"), "count": notes, "until": iso(ends), "never": ""})
    if chat is not None and chat.rating:
        rows.append({"what": _("Your rating"), "count": None, "until": iso(ends), "never": ""})
    rows += [
        {"what": _("Unsent typing"), "count": None, "until": None, "never": _("never kept")},
        {"what": _("Location"), "count": None, "until": None, "never": _("not collected")},
        {"what": _("Passed on to"), "count": None, "until": None, "never": _("nobody")},
    ]
    return {
        "company": visitor.account.company,
        "started": iso(chat.started_at) if chat else None,
        "seen_by": names if shows or not names else [visitor.account.company],
        "policy": _policy(),
        "rows": rows,
    }


def describe_for_operator(chat: Chat) -> dict[str, datetime]:
    """Until when the console's why line says that things are kept: `chat` and `address`."""
    field = registry.find("chat.Visitor").field_named("ip_address")
    ends = _life_end(chat.visitor, chat)
    return {"chat": ends, "address": _until(chat.visitor, field, ends)}


def export_visitor(visitor: Visitor) -> dict[str, Any]:
    """Everything declared about the visitor, by kind, and the chats with their lines."""
    ref = SubjectRef(Subject.VISITOR, visitor.pk)
    found: dict[str, Any] = {}
    with scopes_disabled():  # the declarations' own link from a person to rows is the filter
        for name in SHOWN[:2]:
            declared = registry.find(name)
            found[name.split(".")[1].lower()] = [_values(declared, row) for row in _rows(declared, ref)]
        chats = list(Chat.objects.filter(visitor=visitor).order_by("pk"))
        found["conversations"] = [
            {
                "chat": str(chat.public_id),
                "started": iso(chat.started_at),
                "lines": [
                    line_of(m) for m in Message.objects.filter(chat=chat).select_related("operator").order_by("seq")
                ],
            }
            for chat in chats
        ]
    shows = find_chat_settings(visitor.account).show_operators
    return found if shows else hide_names(found, visitor.account.company)


def _rows(declared: PersonalModel, ref: SubjectRef) -> Any:
    assert declared.rows_of is not None
    return declared.rows_of(ref)


def _values(declared: PersonalModel, row: Any) -> dict[str, str]:
    return {
        str(field.label or field.name): str(getattr(row, field.name))
        for field in declared.fields
        if field.export and getattr(row, field.name) not in (None, "")
    }


def _life_end(visitor: Visitor, chat: Chat | None) -> datetime:
    """The moment after which the nightly job deletes the visitor and the chat."""
    moment = (chat.closed_at if chat and chat.closed_at else None) or timezone.now()
    return moment + timedelta(days=visitor.account.chat_keep_days)


def _until(visitor: Visitor, field: PersonalField, ends: datetime) -> datetime:
    if field.keep_days is None:
        return ends
    return min(ends, visitor.seen_at + timedelta(days=field.keep_days))


def _names_of_readers(visitor: Visitor) -> list[str]:
    holders = Chat.objects.filter(visitor=visitor, operator__isnull=False)
    writers = Message.objects.filter(chat__visitor=visitor, operator__isnull=False)
    names = [
        *holders.values_list("operator__display_name", flat=True),
        *writers.values_list("operator__display_name", flat=True),
    ]
    return sorted(set(names))


def _policy() -> dict[str, Any] | None:
    version = find_version_in_force(Version.Kind.POLICY)
    if version is None:
        return None
    return {"version": version.number, "url": reverse("policies:policy_version", args=[version.number])}
