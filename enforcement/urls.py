"""Routes of enforcement: agents, officers, and whom a case is about."""

from django.urls import path

from enforcement import views

app_name = "enforcement"

urlpatterns = [
    path("staff/enforcement/", views.cases, name="cases"),
    path("staff/enforcement/<int:number>/", views.case, name="case"),
    path("staff/enforcement/files/<uuid:public_id>/", views.staff_file, name="staff_file"),
    path("staff/appeals/", views.appeals, name="appeals"),
    path("staff/appeals/<int:number>/", views.one_appeal, name="appeal"),
    path("enforcement/", views.mine, name="mine"),
    path("enforcement/<uuid:public_id>/", views.notice, name="notice"),
    path("enforcement/files/<uuid:public_id>/", views.file, name="file"),
]
