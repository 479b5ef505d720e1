"""What the screens of operators show of chats: rows, lines and facts in words, the same for template and script."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from chat.desk.linking import link_text
from chat.models import Chat, Message, Note, live_in
from chat.realtime import frames
from chat.realtime.live import live
from chat.window import kept
from operators.models import Operator

LATE_SECONDS = 120  # from then on a waiting row says its time in marigold


def hue_of(ident: object) -> int:
    """The avatar hue of a visitor, 1 to 6, from the first digits of the public id; the script does the same."""
    return int(str(ident)[:4], 16) % 6 + 1


def say_span(span: timedelta) -> str:
    """ "48 s", "2 min 40 s", "1 h 5 min": how long somebody waits or is here."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return _("%(s)d s") % {"s": seconds}
    if seconds < 3600:
        return _("%(m)d min %(s)d s") % {"m": seconds // 60, "s": seconds % 60}
    return _("%(h)d h %(m)d min") % {"h": seconds // 3600, "m": seconds % 3600 // 60}


def row_of(chat: Chat, operator: Operator) -> dict[str, Any]:
    """A card with what the list shows of it: `hue`, `when`, `late`, `line`."""
    now = timezone.now()
    card = frames.card_of(chat, unread=getattr(chat, "unread", 0), online=live.is_present(chat.visitor_id))
    waited = now - chat.started_at
    if chat.state == Chat.State.WAITING:
        when, line = say_span(waited), chat.last_text
        if chat.by_mail:
            when = f"{timezone.localtime(chat.last_at):%H:%M}"
        if chat.group is not None:
            line = f"{chat.group.name} · {line}"
    else:
        when = f"{timezone.localtime(chat.last_at):%H:%M}"
        line = chat.last_text if chat.last_by_visitor else _("You: %(text)s") % {"text": chat.last_text}
        if chat.operator is not None and chat.operator_id != operator.pk:
            line = _("with %(name)s") % {"name": chat.operator.display_name}
    late = chat.state == Chat.State.WAITING and not chat.by_mail and waited.total_seconds() > LATE_SECONDS
    return {**card, "hue": hue_of(card["visitor"]), "when": when, "late": late, "line": line}


def split_rows(chats: Iterable[Chat], operator: Operator) -> dict[str, list[dict[str, Any]]]:
    """Live chats as the list shows them: waiting, to be answered by mail, mine, and those of colleagues."""
    found: dict[str, list[dict[str, Any]]] = {"waiting": [], "by_mail": [], "mine": [], "others": []}
    for chat in chats:
        own = chat.operator_id == operator.pk
        queue = "by_mail" if chat.by_mail else "waiting"
        group = queue if chat.state == Chat.State.WAITING else "mine" if own else "others"
        found[group].append(row_of(chat, operator))
    return found


def say_size(size: int) -> str:
    """Bytes in words: "84 kB", "2.3 MB"; the script says it the same way."""
    return f"{max(1, round(size / 1000))} kB" if size < 999_500 else f"{size / 1e6:.1f} MB"


def say_line(line: dict[str, Any]) -> str:
    """A line of `lines_of` as one line of plain text, with the name of its file."""
    if line["words"]:
        return str(line["words"])
    file = line.get("file")
    sent = _("[File: %(name)s, %(size)s]") % {"name": file["name"], "size": say_size(file["size"])} if file else ""
    return f"{line['who']}: {' '.join(part for part in (line['text'], sent) if part)}"


def lines_of(messages: Iterable[Message], chat: Chat, notes: Iterable[Note] = ()) -> list[dict[str, Any]]:
    """Lines for the thread: `first` starts a group of one author, `words` are an event's sentence, `html` has links.

    Lines that only say that another was changed are left out: that one says it itself (`edited`, `removed`). `notes`
    (each with `after`) stand where they were written; they are for pages of operators.
    """
    shown = list(messages)
    beside = _placed(shown, notes)
    found: list[dict[str, Any]] = [_note_row(note) for note in beside.pop(0, ())]
    before, day = "", None
    for message in shown:
        if message.of_seq is None:
            at = timezone.localtime(message.created_at)
            author = f"{message.author} {message.operator_id or ''}"
            is_new_day = at.date() != day
            found.append(
                {
                    "seq": message.seq,
                    "id": str(message.client_id),
                    "by": message.author,
                    "author": author.strip(),
                    "who": message.operator.display_name if message.operator else chat.visitor.shown_name,
                    "text": message.text,
                    "file": message.file,
                    "html": link_text(message.text),
                    "edited": message.edited_at is not None and message.removed_at is None,
                    "removed": message.removed_at is not None,
                    "at": message.created_at,
                    "first": author != before or is_new_day,
                    "words": say_event(message, chat) if message.author == Message.Author.SYSTEM else "",
                    "day": is_new_day and at.date() != timezone.localtime().date(),
                }
            )
            before, day = author, at.date()
        for note in beside.get(message.seq, ()):
            found.append(_note_row(note))
            before = ""
    return found


def _placed(messages: list[Message], notes: Iterable[Note]) -> dict[int, list[Note]]:
    """Notes by the line after which they stand, of these lines only; 0: before the first of the chat."""
    placed: dict[int, list[Note]] = {}
    if messages:
        first, last = messages[0].seq, messages[-1].seq
        for note in notes:
            after: int = note.after  # type: ignore[attr-defined]  # annotated
            if first <= after <= last or (after == 0 and first == 1):
                placed.setdefault(after, []).append(note)
    return placed


def _note_row(note: Note) -> dict[str, Any]:
    at = timezone.localtime(note.created_at)
    return {
        "seq": None, "id": str(note.client_id), "by": "note", "author": "note", "kind": note.kind,
        "who": note.operator.display_name if note.operator else _("Somebody who left"), "text": note.text,
        "html": link_text(note.text), "at": note.created_at, "first": True, "words": "",
        "day": at.date() != timezone.localtime().date(),
    }  # fmt: skip


def say_event(message: Message, chat: Chat) -> str:
    """The sentence of a system line."""
    who = message.operator.display_name if message.operator else ""
    rating = dict(Chat.Rating.choices).get(chat.rating, "")
    sentences = {
        "started": _("The chat began"),
        "joined": _("%(who)s joined") % {"who": who},
        "left": _("The visitor ended the chat"),
        "closed": _("Closed by %(who)s") % {"who": who} if who else _("Closed"),
        "reopened": _("%(who)s opened the chat again") % {"who": who},
        "rated": _("Rated %(rating)s") % {"rating": str(rating).lower()},
        "passed_on": _("Nobody answered: passed on to %(who)s") % {"who": who},
        "returned": _("%(who)s put the chat back into the queue") % {"who": who}
        if who
        else _("Nobody answered: back in the queue"),
        "by_mail": _("The visitor asked for an answer by e-mail"),
    }
    sentence = sentences.get(message.event, message.event)
    if message.event == "rated" and chat.rating_comment:
        sentence = _("%(rated)s: “%(comment)s”") % {"rated": sentence, "comment": chat.rating_comment}
    return sentence


def facts_of(chat: Chat) -> dict[str, Any]:
    """The details pane: who, where from, with what, and until when it is kept."""
    visitor = chat.visitor
    here = live.presence.get(visitor.pk)
    return {
        "name": visitor.shown_name,
        "email": visitor.email,
        "external_id": visitor.external_id,
        "hue": hue_of(visitor.public_id),
        "page": {"url": visitor.page_url, "title": visitor.page_title or visitor.page_url},
        "here_since": here.since if here else None,
        "here_for": say_span(timezone.now() - here.since) if here else "",
        "seen_at": visitor.seen_at,
        "came_from": urlsplit(visitor.referrer).hostname or "",
        "visits": visitor.visits,
        "first_seen_at": visitor.first_seen_at,
        "browser": visitor.browser,
        "system": visitor.system,
        "ip_address": visitor.ip_address,
        "kept": kept.describe_for_operator(chat),
    }


def presence_rows(account_pk: int) -> list[dict[str, Any]]:
    """The visitors who are here now, as the table shows them; the same fields as the `visitors` frame."""
    rows = []
    now = timezone.now()
    for presence in live.list_present(account_pk):
        row = presence.row()
        row["hue"] = hue_of(row["id"])
        row["here_for"] = say_span(now - presence.since)
        rows.append(row)
    return rows


def count_waiting(account: Account) -> int:
    """How many visitors wait now."""
    return Chat.of(account).filter(live_in(Chat.State.WAITING), by_mail=False).count()


def longest_wait(rows: list[dict[str, Any]]) -> str:
    """How long the first of the waiting rows waits, in words; empty when nobody does."""
    return say_span(timezone.now() - datetime.fromisoformat(rows[0]["started"])) if rows else ""
