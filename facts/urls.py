"""Routes of the goals."""

from django.urls import path

from facts import views

app_name = "facts"
urlpatterns = [
    path("app/settings/goals/", views.goals, name="goals"),
    path("app/settings/goals/sales/", views.sales, name="sales"),
    path("app/settings/goals/<uuid:public_id>/", views.goal, name="goal"),
    path("app/settings/goals/<uuid:public_id>/remove/", views.remove, name="goal_remove"),
]
