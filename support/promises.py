"""Promises that requests keep: an address for the answer only, no card numbers, an end, notes that stay inside."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoping import scopes_disabled
from core.looking import own_files
from core.outbound import registry as outbound
from core.personal_data import Purpose
from core.personal_data import registry as declared
from core.promises import Evidence, build, probe
from core.redaction import mask_secrets
from outbox.models import Delivery
from support.mails import GIVEN_FOR
from support.models import RequestMessage, StaffGrant, StaffLook, SupportRequest
from support.personal_data import old_requests

GRACE = timedelta(days=2)  # the nightly job may miss a night
LOOKED_THROUGH = 2000
TABLE = "support_supportrequest"
NEEDED = frozenset({"email", "text", "of_age"})
OPTIONAL = frozenset({"kind", "subject", "name", "surname", "company", "address", "website", "files"})


@probe(
    "correspondence_purpose",
    rows=("S16", "P8"),
    how=gettext_lazy(
        "Looks for a mail to a requester of another kind than the answers to requests, for another purpose at the "
        "address, and for code outside of requests that reads their table."
    ),
)
def correspondence_purpose() -> Evidence:
    kinds = {key for key, kind in outbound.mail_kinds.items() if kind.purpose is Purpose.SUPPORT}
    strange = Delivery.objects.filter(recipient__startswith="request:").exclude(kind__in=kinds).count()
    purposes = {entry.purpose for entry in declared.find("support.SupportRequest").fields} | set(GIVEN_FOR)
    readers = [
        path
        for path, text in own_files(".py")
        if not path.startswith(("support/", "livechat/")) and ("SupportRequest" in text or TABLE in text)
    ]
    kept = not strange and purposes == {Purpose.SUPPORT} and not readers
    figure = _("%(strange)d other mails, %(purposes)d purpose, %(readers)d other readers") % {
        "strange": strange, "purposes": len(purposes), "readers": len(readers),
    }  # fmt: skip
    return Evidence(kept, figure)


@probe(
    "requests_masked",
    rows=("P15", "S13"),
    how=gettext_lazy("Looks for card numbers, IBANs and keys in the newest 2,000 messages and requests."),
)
def requests_masked() -> Evidence:
    texts = list(RequestMessage.objects.order_by("-pk").values_list("text", flat=True)[:LOOKED_THROUGH])
    for pair in SupportRequest.objects.order_by("-pk").values_list("subject", "rating_comment")[:LOOKED_THROUGH]:
        texts += pair
    found = sum(mask_secrets(text) != text for text in texts)
    return Evidence(not found, _("%(found)d in %(texts)d texts") % {"found": found, "texts": len(texts)})


@probe(
    "requests_end",
    rows=("P2",),
    how=gettext_lazy("Looks for requests that were closed longer ago than we say that we keep them."),
)
def requests_end() -> Evidence:
    late = old_requests(timezone.now() - GRACE).count()
    closed = SupportRequest.objects.filter(closed_at__isnull=False).count()
    return Evidence(not late, _("%(late)d of %(closed)d closed requests over their time") % {
        "late": late, "closed": closed,
    })  # fmt: skip


build(
    "request_notes_inside",
    rows=("S31",),
    how=gettext_lazy(
        "Writes a note as an agent and looks for it on the requester's page, in the mails and in the API."
    ),
)


@probe(
    "chats_by_grant",
    rows=("P13", "S75"),
    how=gettext_lazy(
        "Looks for a look of our staff at a chat outside of the time of its grant, and for an emergency without two "
        "people or longer than an hour."
    ),
)
def chats_by_grant() -> Evidence:
    with scopes_disabled():  # figures over every account
        looks = StaffLook.objects.count()
        inside = StaffLook.objects.filter(at__gte=F("grant__starts_at"), at__lte=F("grant__ends_at")).count()
        opened = StaffGrant.objects.filter(kind=StaffGrant.Kind.EMERGENCY, starts_at__isnull=False)
        longest = timedelta(hours=StaffGrant.EMERGENCY_HOURS)
        wrong = sum(
            start is None or end is None or end - start > longest or (first is not None and first == second)
            for start, end, first, second in opened.values_list("starts_at", "ends_at", "asked_by", "approved_by")
            if start is not None and end is not None
        )
    figure = _("%(looks)d looks, %(outside)d without a grant, %(wrong)d wrong emergencies") % {
        "looks": looks, "outside": looks - inside, "wrong": wrong,
    }  # fmt: skip
    return Evidence(looks == inside and not wrong, figure)


@probe(
    "contact_asks_little",
    rows=("S15",),
    how=gettext_lazy(
        "Reads the form for who has no login: it needs an e-mail address, a message and the age, and asks beyond that "
        "only what a sign-up asks, to be left out at will."
    ),
)
def contact_asks_little() -> Evidence:
    from support.forms import RequestForm  # forms are loaded with the first page, not with every command

    form = RequestForm(user=AnonymousUser())
    asked = {name for name, field in form.fields.items() if not field.widget.is_hidden}
    needed = {name for name in asked if form.fields[name].required and form.fields[name].initial is None}
    more, pressed = asked - NEEDED - OPTIONAL, needed - NEEDED
    figure = _("%(needed)d answers needed, %(optional)d voluntary, %(more)d others asked") % {
        "needed": len(needed), "optional": len(asked & OPTIONAL), "more": len(more | pressed),
    }  # fmt: skip
    return Evidence(not more and not pressed, figure)
