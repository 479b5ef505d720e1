"""Routes for those who run the site."""

from django.urls import path

from livechat import views_ops

urlpatterns = [
    path("healthz", views_ops.healthz, name="healthz"),
    path("readyz", views_ops.readyz, name="readyz"),
    path("metrics", views_ops.metrics, name="metrics"),
    path("dev/mail/", views_ops.dev_mails, name="dev_mails"),
    path("dev/mail/<str:name>/", views_ops.dev_mail, name="dev_mail"),
    path("dev/mail/<str:name>/html/", views_ops.dev_mail_html, name="dev_mail_html"),
]
