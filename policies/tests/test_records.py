"""Who answers for the site: one company, taken over only with notice; an officer in office; memberships with dates."""

import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import StaffAssignment, User
from core.errors import Refused
from outbox.models import Delivery
from policies.actions import (
    record_entity,
    record_framework,
    record_officer_contact,
    withdraw_framework,
)
from policies.models import Acceptance
from policies.queries import find_coming_entity, find_entity, find_version_in_force
from policies.testing import make_policies, make_records

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def test_another_company_takes_over_only_after_its_notice(alice: User, client: Client, commits: Any, time_machine: Any):
    first = record_entity(name="Specimen Ltd", office="1 Example Street")
    accepted = list(Acceptance.objects.filter(user=alice).values_list("pk", flat=True))
    with commits():
        second = record_entity(name="Successor Ltd", office="2 Example Street", registration="77")
    assert (find_entity(), find_coming_entity()) == (first, second)
    page = client.get("/policy/").content.decode()
    assert "Successor Ltd takes over on" in page
    assert "Export your data or close your account" in page
    assert "Object" in page
    with pytest.raises(Refused) as refused:
        record_entity(name="Third Ltd", office="3 Example Street")
    assert refused.value.code == "takeover_waits"
    time_machine.move_to(timezone.now() + 20 * DAY)
    cache.clear()
    assert find_entity() == first, "nobody was told yet"
    assert "Specimen Ltd" in client.get("/policy/").content.decode()
    Delivery.objects.filter(kind="accounts.policy_notice").update(state="done")
    actions.tell_of_versions()
    time_machine.move_to(timezone.now() + 15 * DAY)
    cache.clear()
    assert find_entity() == second
    page = client.get("/policy/").content.decode()
    assert "Successor Ltd, 2 Example Street, 77 decides how your data is used" in page
    assert "Successor Ltd takes the place of Specimen Ltd." in page
    assert list(Acceptance.objects.filter(user=alice).values_list("pk", flat=True)) == accepted


def test_the_notice_of_a_takeover_names_it_and_the_choices(alice: User, commits: Any):
    from core.outbound import registry

    record_entity(name="Specimen Ltd", office="1 Example Street")
    with commits():
        record_entity(name="Successor Ltd", office="2 Example Street")
    row = Delivery.objects.get(kind="accounts.policy_notice", recipient=f"user:{alice.pk}")
    letter = registry.mail_kinds["accounts.policy_notice"].load([row])[row.pk]
    assert letter.context["short"] == [
        "Successor Ltd takes over this site from Specimen Ltd.",
        "You can export your data, object, or close your account.",
    ]


def test_the_officer_is_shown_while_in_office(client: Client, pia: User, sam: User):
    make_policies()
    with pytest.raises(Refused) as refused:
        record_officer_contact(user=sam, email="sam@livechat.example", post="1 Example Street")
    assert refused.value.code == "no_officer"
    make_records(pia)
    page = client.get("/policy/").content.decode()
    assert "mailto:privacy@livechat.example" in page
    assert "1 Example Street, Exampleton" in page
    StaffAssignment.objects.filter(user=pia).delete()
    assert "privacy@livechat.example" not in client.get("/policy/").content.decode()


def test_a_membership_that_is_over_is_never_shown_as_holding(client: Client):
    make_policies()
    today = timezone.now().date()
    record_framework(name="Running", certificate="A", since=today - DAY)
    record_framework(name="Lapsed", certificate="B", since=today - 9 * DAY, until=today - DAY)
    void = record_framework(name="Void", certificate="C", since=today - 9 * DAY)
    withdraw_framework(framework=void, on=today)
    with pytest.raises(Refused):
        record_framework(name="Odd", certificate="D", since=today, until=today - DAY)
    page = client.get("/policy/").content.decode()
    states = {
        name: page.split(f"{name}, ")[1].split("<dd>")[1].split("</dd>")[0] for name in ("Running", "Lapsed", "Void")
    }
    assert states["Running"].startswith("holds since")
    assert states["Lapsed"].startswith("over since")
    assert states["Void"].startswith("withdrawn on")


def test_each_principle_lists_its_checks(client: Client):
    make_policies()
    page = client.get("/policy/principles/").content.decode()
    for ident in ("notice", "choice", "onward-transfer", "security", "integrity", "access", "enforcement"):
        section = page.split(f'aria-labelledby="{ident}"')[1].split("</section>")[0]
        assert 'class="promise"' in section
    assert find_version_in_force("policy") is not None


def test_administrators_write_records_down_in_the_admin(client_of: Any, ada: User, pia: User):
    from allauth.mfa.models import Authenticator

    make_policies()
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    admin = client_of(ada)
    admin.post("/admin/policies/legalentity/add/", {"name": "Specimen Ltd", "office": "1 Example Street"})
    assert find_entity().name == "Specimen Ltd"
    admin.post("/admin/policies/officercontact/add/", {"user": ada.pk, "email": "a@specimen.example", "post": "1 St"})
    page = Client().get("/policy/").content.decode()
    assert "Specimen Ltd" in page
    assert "a@specimen.example" not in page
