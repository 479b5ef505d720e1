"""The public list of recipients: who else receives personal data, for what, since when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit.queries import list_recipient_changes
from core.limits import limited
from privacy.queries.recipients import list_rows


@require_GET
@limited("promises")
def recipients(request: HttpRequest) -> HttpResponse:
    """The registry of the code with its records, and the history of changes (S57)."""
    return render(request, "privacy/recipients.html", {"rows": list_rows(), "changes": list_recipient_changes()})
