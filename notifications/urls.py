"""Routes of preferences and of the unsubscribe link."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("app/preferences/", views.preferences, name="preferences"),
    path("app/preferences/choose/", views.choose, name="choose"),
    path("app/preferences/try-again/", views.try_address_again, name="try_again"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
