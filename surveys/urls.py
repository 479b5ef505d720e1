"""Routes of the app: who is asked, and who makes surveys, at an account and for the site."""

from django.urls import path

from surveys import pages, views
from surveys.desks import View, at_account, at_site

app_name = "surveys"

ASKED = [
    path("widget/survey/", views.ask_visitor, name="ask_visitor"),
    path("widget/survey/answer/", views.answer_visitor, name="answer_visitor"),
    path("app/asked/<uuid:public_id>/", views.ask_member, name="asked"),
    path("surveys/take-back/<str:key>/", views.take_back, name="take_back"),
    path("surveys/<str:key>/", views.ask_by_link, name="asked_by_link"),
]
MAKING: list[tuple[str, str, View]] = [
    ("", "list", pages.overview),
    ("new/", "new", pages.build),
    ("<uuid:public_id>/", "edit", pages.build),
    ("<uuid:public_id>/preview/", "preview", pages.preview),
    ("<uuid:public_id>/switch/", "switch", pages.switch),
    ("<uuid:public_id>/copy/", "copy", pages.copy),
    ("<uuid:public_id>/delete/", "delete", pages.delete),
    ("<uuid:public_id>/results/", "results", pages.results),
    ("<uuid:public_id>/export/", "export", pages.export),
]

urlpatterns = [
    *ASKED,
    *(
        path(f"app/surveys/{route}", at_account(view, "export" if name == "export" else "surveys.edit"), name=name)
        for route, name, view in MAKING
    ),
    *(path(f"site/surveys/{route}", at_site(view), name=f"site_{name}") for route, name, view in MAKING),
]
