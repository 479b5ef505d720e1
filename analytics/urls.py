"""Routes of the clear gif and of the app's measures."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("b.gif", views.beacon, name="beacon"),
    path("b/app/", views.measure, name="measure"),
]
