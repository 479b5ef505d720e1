"""Mails about decisions: to the author, with the reason and the way to object, and to who reported a post."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.links import absolute
from accounts.models import User
from core.outbound import Address, Letter, MailKind, registry
from core.personal_data import Purpose
from forum.actions.moderating import ACT_MAIL
from forum.actions.reporting import OUTCOME_MAIL
from forum.decision_words import say_to_member
from forum.models import ModerationAct, Objection, Report


def _address(user: User) -> Address:
    return Address(user.email, frozenset({Purpose.SUPPORT}), subject=f"user:{user.pk}")


def load_acts(rows: Sequence[Any]) -> dict[int, Letter]:
    """What was decided, why, until when, and where to object; not to who left meanwhile."""
    acts = ModerationAct.objects.select_related("member", "post__topic", "topic", "into", "objection")
    found, letters = acts.in_bulk([row.payload["act"] for row in rows]), {}
    for row in rows:
        act = found.get(row.payload["act"])
        if act is None or act.member is None or not act.member.is_active:
            continue
        with translation.override(act.member.language):
            letters[row.pk] = Letter(_address(act.member), _act_context(act), act.member.language)
    return letters


def _act_context(act: ModerationAct) -> dict[str, Any]:
    objection: Objection | None = getattr(act, "objection", None)
    return {
        "line": say_to_member(act),
        "reason": act.get_reason_display(),
        "text": act.text,
        "until": act.until,
        "is_undone": act.undone_at is not None,
        "undone_text": act.undone_text,
        "answer": objection.answer if objection and objection.answered_at else "",
        "can_object": act.undone_at is None and objection is None,
        "url": absolute(reverse("forum:decision", args=[act.public_id])),
    }


def load_outcomes(rows: Sequence[Any]) -> dict[int, Letter]:
    """What became of a report, without a word about who acted or what the author was told."""
    reports = Report.objects.select_related("reporter", "post__topic")
    found, letters = reports.in_bulk([row.payload["report"] for row in rows]), {}
    for row in rows:
        report = found.get(row.payload["report"])
        if report is None or report.reporter is None or not report.reporter.is_active:
            continue
        context = {
            "topic": report.post.topic.title,
            "reason": report.get_reason_display(),
            "is_upheld": report.state == Report.State.UPHELD,
            "url": absolute(reverse("forum:post", args=[report.post.topic.public_id, report.post.number])),
        }
        with translation.override(report.reporter.language):
            context["reason"] = str(report.get_reason_display())
        letters[row.pk] = Letter(_address(report.reporter), context, report.reporter.language)
    return letters


registry.register(
    MailKind(
        ACT_MAIL, Purpose.SUPPORT, "forum/mail/forum_act", load_acts,
        label=_("Decision about what you wrote in the forum"),
    ),
    MailKind(
        OUTCOME_MAIL, Purpose.SUPPORT, "forum/mail/forum_report_outcome", load_outcomes,
        label=_("What became of a report in the forum"),
    ),
)  # fmt: skip
