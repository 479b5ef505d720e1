"""From a chat to Your data: the visitor's own secret, or the link in a mail, is answered with a button to go there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat.models import Visitor
from chat.views.widget import find_visitor
from chat.window.mail_links import CONTINUE, find_linked_chat
from core.limits import limited
from core.tickets import YOUR_DATA, issue_ticket


@csrf_exempt  # no cookie is read: the secret or the signed link in the body is the right to do it
@require_POST
@never_cache
@limited("widget.data")
def your_data(request: HttpRequest) -> HttpResponse:
    """A page of its own, in a new tab: its button takes the visitor to Your data, and only then a cookie is kept (P9).

    The key travels in the bodies of two requests, never in an address. Raises Refused `not_found`.
    """
    visitor = _visitor_of(request)
    with translation.override(visitor.language or "en"):
        ticket = issue_ticket(YOUR_DATA, visitor=visitor.pk)
        context = {"company": visitor.account.company, "ticket": ticket}
        return render(request, "chat/your_data.html", context)


def _visitor_of(request: HttpRequest) -> Visitor:
    if link := request.POST.get("link", ""):
        chat = find_linked_chat(CONTINUE, link[:500])
        visitor: Visitor = chat.visitor
        visitor.account = chat.account
        return visitor
    return find_visitor(request.POST.get("secret", ""))
