"""G10: the desk's lists and a requester's own are read by an index, however many requests are closed."""

import pytest
from django.db import connection
from django.utils import timezone

from support import queries
from support.models import SupportRequest
from support.testing import make_request

pytestmark = [pytest.mark.once, pytest.mark.django_db]  # PostgreSQL chooses by what the tables hold

VIEWS = {
    "open": "support_request_turn", "mine": "support_request_mine", "unassigned": "support_request_mine",
    "due": "support_request_due", "waiting": "support_request_status", "closed": "support_request_status",
}  # fmt: skip


def plan_of(ask) -> str:
    if connection.vendor != "sqlite":
        pytest.skip("plans of SQLite")
    plans: list[str] = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and not plans:
            rows = context["cursor"].db.connection.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", params)
            plans.append(" | ".join(row[-1] for row in rows))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        ask()
    return plans[0]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_the_desk_takes_its_index(nik, view):
    make_request()
    plan = plan_of(lambda: queries.list_desk(queries.DeskFilter(view=view), nik))
    assert f"INDEX {VIEWS[view]}" in plan and "TEMP B-TREE" not in plan, plan


def test_own_requests_links_and_old_ones_take_an_index(eve):
    make_request(eve)
    assert "INDEX support_request_user" in plan_of(lambda: queries.list_requests_of(eve))
    assert "INDEX support_request_email" in plan_of(lambda: queries.list_lost("x@y.example"))
    from support.personal_data import old_requests

    assert "INDEX support_request_closed" in plan_of(lambda: list(old_requests(timezone.now())))
    assert SupportRequest.objects.exists()
