"""The promise about decisions of moderators, as a check: a reason, the author told, and a way to object that works."""

from datetime import timedelta

from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.promises import Evidence, probe
from forum.models import ModerationAct, Objection, Reason
from outbox.models import Delivery

NEWEST = 2000
MAILS_KEPT = timedelta(days=25)  # the outbox forgets its rows 30 days after they left
ANSWERED = timedelta(days=30)


@probe(
    "forum_decisions",
    rows=("S34", "S102"),
    how=gettext_lazy(
        "Looks at the newest decisions of moderators, up to 2,000 of 25 days, for one without a reason and one whose "
        "author was not told by mail; looks for objections older than 30 days, and follows the way to object."
    ),
)
def forum_decisions() -> Evidence:
    now = timezone.now()
    rows = ModerationAct.objects.filter(created_at__gte=now - MAILS_KEPT).order_by("-pk")
    acts = list(rows.values_list("pk", "reason", "member", "by", "told_at")[:NEWEST])
    without = sum(1 for _pk, reason, *_rest in acts if reason not in Reason.values)
    about = {str(pk) for pk, _reason, member, by, _told in acts if member is not None and member != by}
    unsaid = sum(1 for _pk, _reason, member, _by, told in acts if member is not None and told is None)
    mailed = set(Delivery.objects.filter(kind="forum_act", key__in=about).values_list("key", flat=True))
    lost = len(about - mailed)
    late = Objection.objects.filter(state=Objection.State.OPEN, created_at__lt=now - ANSWERED).count()
    leads = _leads(ModerationAct.objects.filter(member__isnull=False).order_by("-pk").first())
    figure = _("%(acts)d decisions, %(without)d without a reason, %(untold)d not told, %(late)d objections late") % {
        "acts": len(acts), "without": without, "untold": lost + unsaid, "late": late,
    }  # fmt: skip
    return Evidence(not (without or lost or unsaid or late) and leads, figure)


def _leads(act: ModerationAct | None) -> bool:
    """Whether the address in the mail about a decision leads to the page with the form to object."""
    if act is None:
        return True
    try:
        return resolve(reverse("forum:decision", args=[act.public_id])).url_name == "decision"
    except (NoReverseMatch, Resolver404):
        return False
