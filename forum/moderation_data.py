"""Personal data of moderation: what the rules said, reports, decisions and objections."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
)
from forum.models import Check, ModerationAct, Objection, Report


def _user(ref: SubjectRef) -> int:
    return ref.pk if ref.subject is Subject.USER else 0


def old_acts(now: datetime) -> "QuerySet[ModerationAct]":
    """Decisions that are over their time and hold nobody back any more."""
    rows = ModerationAct.objects.filter(created_at__lt=now - timedelta(days=ModerationAct.KEEP_DAYS))
    return rows.exclude(until__gt=now)


def old_reports(now: datetime) -> "QuerySet[Report]":
    """Reports that were closed long ago."""
    return Report.objects.filter(closed_at__lt=now - timedelta(days=Report.KEEP_DAYS))


def _kept(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    return PersonalField(name, category, Purpose.SECURITY, Basis.INTEREST, why, label=label, **changes)


MODERATION = (
    PersonalModel(
        "forum.Check",
        Subject.USER,
        label=_("What our rules against spam said of your posts"),
        rows_of=lambda ref: Check.objects.filter(post__author=_user(ref)),
        aged_by="created_at",
        kept=_("as long as the post; the hash of your network 30 days"),
        json={"findings": ("rule", "points", "number")},
        fields=(
            _kept("findings", Category.RECORD, _("Why a post waited for a moderator."), _("Findings")),
            _kept(
                "fingerprint",
                Category.RECORD,
                _("A hash of the text, to see the same text posted again within a day."),
                _("Hash of the text"),
                export=False,
            ),
            _kept(
                "network",
                Category.TECHNICAL,
                _("A keyed hash of the address from which it came, to slow down floods of spam."),
                _("Hash of the network"),
                keep_days=Check.NETWORK_KEEP_DAYS,
                export=False,
            ),
        ),
    ),
    PersonalModel(
        "forum.ModerationAct",
        Subject.USER,
        label=_("Decisions about what you wrote"),
        rows_of=lambda ref: ModerationAct.objects.filter(member=_user(ref)),
        expired=old_acts,
        kept=_("%(days)d days; without your name when you leave") % {"days": ModerationAct.KEEP_DAYS},
        fields=(
            _kept("text", Category.CONTENT, _("What the moderator wrote to you."), _("Reason"), erase=Erase.BLANK),
            _kept(
                "undone_text", Category.CONTENT, _("Why it was taken back."), _("Taken back because"), erase=Erase.BLANK
            ),
        ),
        keys={
            "member": _("Whose post it was about."),
            "by": _("Which support agent decided."),
            "undone_by": _("Which support agent took it back."),
        },
    ),
    PersonalModel(
        "forum.Report",
        Subject.USER,
        label=_("Posts that you reported"),
        rows_of=lambda ref: Report.objects.filter(reporter=_user(ref)),
        expired=old_reports,
        kept=_("%(days)d days after the answer; without your name and words when you leave")
        % {"days": Report.KEEP_DAYS},
        fields=(
            _kept("text", Category.CONTENT, _("So that a moderator understands it."), _("Report"), erase=Erase.BLANK),
        ),
        keys={"reporter": _("Who reported it, to write what became of it; the author does not see it.")},
    ),
    PersonalModel(
        "forum.Objection",
        Subject.USER,
        label=_("Your objections to decisions"),
        rows_of=lambda ref: Objection.objects.filter(act__member=_user(ref)),
        kept=_("as long as the decision"),
        fields=(
            _kept("text", Category.CONTENT, _("Why you do not agree."), _("Objection")),
            _kept("answer", Category.CONTENT, _("What we answered."), _("Answer")),
        ),
        keys={"answered_by": _("Which support agent answered.")},
    ),
)
