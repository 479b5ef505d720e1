"""The promise that an erasure is done, proved, and stays done."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.erased import hash_word, read_erased
from core.promises import Evidence, probe
from privacy.certificates import read_certificate
from privacy.models import ErasurePlan
from privacy.queries.erasures import is_on_hold, refs_of

NEWEST = 500  # certificates that are checked again


@probe(
    "erasure_with_proof",
    rows=("P6",),
    how=gettext_lazy(
        "Looks for erasures that were confirmed over a day ago and are not done, for certificates whose signature does "
        "not fit, for words that should be forgotten, and for people who are here again after they were erased."
    ),
)
def erasure_with_proof() -> Evidence:
    late = ErasurePlan.objects.filter(state="confirmed", confirmed_at__lt=timezone.now() - timedelta(days=1))
    held = sum(is_on_hold(refs_of(plan.refs)) for plan in late)
    done = list(ErasurePlan.objects.filter(state="done").order_by("-pk")[:NEWEST])
    unsigned = sum(read_certificate(plan.certificate) is None for plan in done)
    unforgotten = sum(bool(plan.needles or plan.refs or plan.keys) for plan in done)
    known = read_erased()
    running = {ref.pk for plan in ErasurePlan.objects.exclude(state="done") for ref in refs_of(plan.refs)}
    people = User.objects.exclude(pk__in=running).values_list("pk", "public_id") if known else []
    back = sum(hash_word(f"user:{pk}:{public_id}") in known for pk, public_id in people)
    figure = _(
        "%(done)d certificates, %(late)d late, %(unsigned)d unsigned, %(words)d not forgotten, %(back)d back"
    ) % {
        "done": len(done),
        "late": len(late) - held,
        "unsigned": unsigned,
        "words": unforgotten,
        "back": back,
    }
    return Evidence(len(late) == held and not (unsigned or unforgotten or back), figure)
