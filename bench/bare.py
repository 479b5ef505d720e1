"""The floor of pages: session, log-in and a template with twenty rows, on Django alone (settings, routes and view)."""

from typing import Any

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from livechat.settings import *  # noqa: F403  the same database, cache and apps
from livechat.settings import TEMPLATES as _TEMPLATES

ROOT_URLCONF = "bench.bare"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # its app does not start without it
]  # fmt: skip
TEMPLATES = _TEMPLATES
ROWS = """<!doctype html><title>Bare</title><p>{{ user.email }}</p><table>{% for row in rows %}
<tr><td>{{ row.pk }}</td><td>{{ row.name }}</td><td>{{ row.seen_at }}</td></tr>{% endfor %}</table>"""


def page(request: Any) -> HttpResponse:
    from accounts.scoping import scopes_disabled
    from chat.models import Visitor

    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with scopes_disabled():
        rows = list(Visitor.objects.order_by("-pk")[:20])
    return HttpResponse(engines["django"].from_string(ROWS).render({"rows": rows, "user": request.user}))


urlpatterns = [path("bare/", page)]
