"""The site's addresses and one more: a page with the composer, as a test needs it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import RequestContext, Template
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from core.text import render
from livechat.urls import handler429, handler500, urlpatterns

__all__ = ["handler429", "handler500"]
posted: list[QueryDict] = []
drafts: list[QueryDict] = []
PAGE = """{% extends "site.html" %}{% block main %}<div class="wrap page-pad stack stack-5"><h1>A topic</h1>
<article class="post" id="p1"><div class="prose text">{{ post }}</div>
<button type="button" class="btn btn-s btn-quiet" data-quote="p1">Quote</button></article>
<form method="post" class="stack stack-3">{% csrf_token %}<label class="label" for="reply">Reply</label>
{% include "text/composer.html" with id="reply" name="text" draft_url="/writer/draft/" draft_key="k1" %}
<div class="row"><button type="submit" class="btn btn-primary">Post reply</button>
{% include "text/preview_button.html" %}</div></form></div>{% endblock %}"""


@csrf_protect
def page(request: HttpRequest) -> HttpResponse:
    words: dict[str, Any] = {"post": render("First *line*.\n\n```\ncode\n```\n\n|a|b|\n|-|-:|\n|1|2|")}
    if request.method == "POST":
        words["value"] = request.POST["text"]
        if "preview" in request.POST:
            words["preview_html"] = render(request.POST["text"])
        else:
            posted.append(request.POST)
            words["value"] = ""
    return HttpResponse(Template(PAGE).render(RequestContext(request, words)))


@csrf_protect
def draft(request: HttpRequest) -> HttpResponse:
    drafts.append(request.POST)
    return HttpResponse(status=204)


urlpatterns = [path("writer/", page), path("writer/draft/", draft), *urlpatterns]
