"""Whether the sums of the reports are what the facts say, for one account of yesterday."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import scopes_disabled
from core.health import Health, registry
from facts.models import DaySum, Fact

LOOK_BACK = timedelta(days=1)


def look_at_sums() -> Health:
    """Yesterday's sums and facts, of one account that has some; small enough to ask at any time."""
    day = (timezone.now() - LOOK_BACK).date()
    with scopes_disabled():  # counts only, of whichever account comes first
        account = Fact.objects.filter(day=day).values_list("account_id", flat=True).first()
        if account is None:
            return Health(True, "nothing to compare")
        facts = Fact.objects.filter(account_id=account, day=day).aggregate(times=Sum("count"), whole=Sum("total"))
        sums = DaySum.objects.filter(account_id=account, day=day, bucket=-1)
        same = sums.aggregate(times=Sum("count"), whole=Sum("total")) == facts
    return Health(same, "equal" if same else "different", _("Run manage.py recount_facts."))


registry.register("facts", look_at_sums, vital=False)
