"""Routes of the reports, and of the operations of the API about goals and sales."""

from django.urls import path

from reports import api, pages

app_name = "reports"
urlpatterns = [
    path("app/reports/", pages.report, name="report"),
    path("app/reports/operators/", pages.people, name="people"),
    path("app/reports/goals/", pages.goals_and_sales, name="goals"),
    path("app/reports/sales/<uuid:public_id>/refund/", pages.refund, name="refund"),
    path("app/reports/download/<str:table>.<str:kind>", pages.export, name="export"),
    path("api/v1/goals/", api.Goals.as_view(), name="api_goals"),
    path("api/v1/sales/", api.Sales.as_view(), name="api_sales"),
    path("api/v1/sales/refunds/", api.Refunds.as_view(), name="api_refunds"),
]
