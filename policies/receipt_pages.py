"""Pages of receipts: what a person said yes to, one receipt for programs, and taking a yes back (P16)."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from policies import queries
from policies.actions import withdraw_consent
from policies.models import Receipt


def _subject(request: HttpRequest) -> str:
    return f"user:{request.user.pk}"


@require_GET
@login_required
def receipts(request: HttpRequest) -> HttpResponse:
    return render(request, "policies/receipts.html", {"receipts": queries.list_receipts(_subject(request))})


@require_GET
@login_required
def receipt(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_receipt(_subject(request), public_id)
    withdraw_path = reverse("policies:receipt_withdraw", args=[found.public_id])
    body = {
        "receipt": str(found.public_id),
        "purpose": found.purpose,
        "text": found.text,
        "text_sha256": found.text_hash,
        "channel": found.channel,
        "given_at": found.given_at.isoformat(),
        "withdrawn_at": found.withdrawn_at.isoformat() if found.withdrawn_at else None,
        "withdrawn_by": found.withdrawn_by or None,
        "withdraw": None if found.withdrawn_at else settings.PUBLIC_ORIGIN + withdraw_path,
    }
    response = JsonResponse(body, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="receipt-{found.public_id}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@login_required
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    found = queries.find_receipt(_subject(request), public_id)
    if found.withdrawn_at is None:
        withdraw_consent(subject=found.subject, purpose=found.purpose, channel=Receipt.Channel.SITE)
    messages.success(request, _("Taken back. It holds from now on."))
    return redirect("policies:receipts")
