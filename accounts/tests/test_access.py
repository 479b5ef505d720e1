"""Who may come in: the list, the doors it rules, the editor who stays in, and the link that opens the door again."""

import datetime
import json
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import AccessRecovery, AccessRule, Account
from accounts.scoping import account_scope
from accounts.testing import make_member
from accounts.tests.mails import deliver, link_in, path_of
from audit.models import Entry
from chat.models import Chat
from chat.testing import make_chat, make_operator, make_widget
from core.errors import Refused

pytestmark = pytest.mark.django_db
HOME, AWAY = "198.51.100.24", "203.0.113.24"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def allow(member, *ranges, mode="listed", address=HOME):
    with account_scope(member.account):
        for network in ranges:
            actions.add_access_rule(by=member, network=network, label="Shop")
        return actions.set_access_mode(by=member, mode=mode, address=address)


def browser_at(user, address, **options):
    browser = Client(REMOTE_ADDR=address, **options)
    browser.force_login(user, backend=BACKEND)
    return browser


@pytest.fixture
def listed(alice_member, bob_member):
    """Acme lets its team in from the shop only."""
    return allow(alice_member, "198.51.100.0/24")


DOORS = ["/app/settings/access/", "/app/settings/keys/", "/app/company/", "/app/chats/", "/app/archive/", "/app/team/",
         "/app/visitors/", "/app/settings/widget/", "/app/preferences/"]  # fmt: skip


@pytest.mark.parametrize("path", DOORS)
def test_a_page_opens_from_the_list_and_from_nowhere_else(listed, alice, alice_member, path):
    make_operator(alice_member)
    assert browser_at(alice, HOME).get(path).status_code == 200
    answer = browser_at(alice, AWAY).get(path)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert AWAY in page and "Mail a link to the owner" in page and "Not from here" in page


def test_a_post_from_elsewhere_does_nothing(listed, alice, acme):
    answer = browser_at(alice, AWAY).post("/app/company/", {"company": "Thieves"})
    assert answer.status_code == 403
    acme.refresh_from_db()
    assert acme.company == "Acme Bikes"


def test_the_own_profile_opens_from_everywhere_but_shows_nothing_of_the_account(listed, alice):
    page = browser_at(alice, AWAY).get("/app/profile/")
    assert page.status_code == 200
    assert "Alice" in page.content.decode() and "1 Sample Street" not in page.content.decode()
    assert 'action="/app/company/"' not in page.content.decode()


def test_the_ticket_of_the_socket_and_downloads_are_refused(listed, alice, acme):
    chat = make_chat(acme, text="Hello")
    Chat.of(acme).filter(pk=chat.pk).update(state="closed")
    far = browser_at(alice, AWAY)
    answer = far.post("/app/ticket/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "address")
    path = f"/app/archive/{chat.public_id}/text/"
    assert far.get(path).status_code == 403
    assert browser_at(alice, HOME).get(path).status_code == 200


def test_the_api_is_refused_by_key_and_by_session(listed, alice, alice_member):
    with account_scope(alice_member.account):
        _key, secret = actions.create_api_key(membership=alice_member, name="Import", scopes=["profile.read"])
    headers = {"Authorization": f"Bearer {secret}"}
    for far, near in (
        (Client(REMOTE_ADDR=AWAY).get("/api/v1/me/", headers=headers), Client(REMOTE_ADDR=HOME)),
        (browser_at(alice, AWAY).get("/api/v1/me/"), browser_at(alice, HOME)),
    ):
        assert (far.status_code, far.json()["code"]) == (403, "address")
        assert near.get("/api/v1/me/", headers=headers).status_code == 200


def test_visitors_public_pages_and_our_staff_are_never_affected(listed, acme, ada, settings):
    far = Client(REMOTE_ADDR=AWAY)
    body = json.dumps({"key": make_widget(acme).key, "secret": None, "page": {}})
    opened = far.post(
        "/widget/open/", body, content_type="application/json", headers={"Origin": settings.PUBLIC_ORIGIN}
    )
    assert opened.status_code == 200
    assert far.get("/").status_code == far.get("/policy/").status_code == far.get("/promises/").status_code == 200
    assert browser_at(ada, AWAY).get("/admin/").status_code in (200, 302)


def test_somebody_elses_list_rules_nothing_here(listed, carol, carol_member):
    make_operator(carol_member)
    assert browser_at(carol, AWAY).get("/app/chats/").status_code == 200


def test_a_person_in_two_accounts_is_kept_out_of_one_only(listed, carol_member, acme):
    make_operator(carol_member)
    make_operator(actions.add_member(account=acme, user=carol_member.user, role="admin", by=None))
    far = browser_at(carol_member.user, AWAY)
    assert far.get("/app/chats/").status_code == 200
    far.post("/app/switch/", {"account": str(acme.public_id)})
    page = far.get("/app/chats/")
    assert page.status_code == 403 and "Carol&#x27;s Cakes" in page.content.decode()
    far.post("/app/switch/", {"account": str(carol_member.account.public_id)})
    assert far.get("/app/chats/").status_code == 200


@pytest.mark.parametrize(
    "trusted, remote, forwarded, status",
    [
        (0, AWAY, HOME, 403),  # a header nobody asked for
        (0, HOME, AWAY, 200),
        (1, "10.0.0.1", HOME, 200),  # what our own proxy saw
        (1, "10.0.0.1", AWAY, 403),
        (1, "10.0.0.1", f"{HOME}, {AWAY}", 403),  # the client wrote the left part
        (1, "10.0.0.1", f"{AWAY}, {HOME}", 200),
        (2, "10.0.0.1", f"{HOME}, {AWAY}, 10.0.0.2", 403),
        (2, "10.0.0.1", f"{AWAY}, {HOME}, 10.0.0.2", 200),
        (1, "10.0.0.1", "", 403),
        (1, "10.0.0.1", f"{HOME}, nonsense", 403),
        (0, f"::ffff:{HOME}", "", 200),  # the same address, as a socket for both families tells it
        (1, "10.0.0.1", f"::ffff:{HOME}", 200),
        (1, "10.0.0.1", f"[::ffff:{HOME}]:4711", 200),
    ],
)
def test_a_forged_address_opens_nothing(listed, alice, settings, trusted, remote, forwarded, status):
    settings.TRUSTED_PROXY_COUNT = trusted
    headers = {"X-Forwarded-For": forwarded, "X-Real-Ip": HOME, "X-Client-Ip": HOME, "Forwarded": f"for={HOME}"}
    browser = browser_at(alice, remote)
    for path in ("/app/settings/access/", "/api/v1/me/"):
        assert browser.get(path, headers=headers).status_code == status, path


def test_a_rule_written_as_v4_in_v6_lets_in_the_v4_address(alice_member, alice):
    allow(alice_member, f"::ffff:{HOME}")
    assert AccessRule.of(alice_member.account).get().network == HOME
    assert browser_at(alice, HOME).get("/app/settings/access/").status_code == 200
    assert browser_at(alice, f"::ffff:{HOME}").get("/app/settings/access/").status_code == 200


def test_no_address_at_all_is_on_no_list(listed, alice):
    assert browser_at(alice, "").get("/app/settings/access/").status_code == 403


# ---- the editor stays in ------------------------------------------------------------------------------------
LOCKED = f"Your own address {AWAY} is not on the list. Add it first"


def test_switching_on_a_list_without_the_own_address_is_refused(alice, acme, alice_member):
    browser = browser_at(alice, AWAY)
    answer = browser.post("/app/settings/access/", {"mode": "listed"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Not saved: you would lock yourself out" in page and LOCKED in page
    assert 'value="listed" checked' in page  # what was chosen is still there
    acme.refresh_from_db()
    assert acme.access_mode == "everyone"
    browser.post("/app/settings/access/add/", {"network": AWAY, "label": "Here"})
    assert browser.post("/app/settings/access/", {"mode": "listed"}).status_code == 302
    acme.refresh_from_db()
    assert acme.access_mode == "listed"
    assert browser.get("/app/settings/access/").status_code == 200


def test_removing_the_row_one_stands_on_is_refused_and_another_is_not(alice_member, alice):
    allow(alice_member, AWAY, HOME, address=AWAY)
    browser = browser_at(alice, AWAY)
    here, there = AccessRule.of(alice_member.account).order_by("pk")
    answer = browser.post(f"/app/settings/access/{here.public_id}/remove/")
    assert answer.status_code == 400 and LOCKED in answer.content.decode()
    assert AccessRule.of(alice_member.account).count() == 2
    assert browser.post(f"/app/settings/access/{there.public_id}/remove/").status_code == 302
    assert AccessRule.of(alice_member.account).get().pk == here.pk


def test_with_everyone_allowed_the_last_row_can_go(alice_member, alice):
    allow(alice_member, HOME, mode="everyone")
    rule = AccessRule.of(alice_member.account).get()
    assert browser_at(alice, AWAY).post(f"/app/settings/access/{rule.public_id}/remove/").status_code == 302
    assert not AccessRule.of(alice_member.account).exists()


def test_an_operator_sees_and_changes_nothing_and_another_accounts_row_is_not_there(
    listed, alice_member, bob, carol_member
):
    rule = AccessRule.of(alice_member.account).get()
    remove = f"/app/settings/access/{rule.public_id}/remove/"
    for user in (bob, carol_member.user):
        browser = browser_at(user, HOME)
        assert browser.post(remove).status_code == 404
    for path in ("/app/settings/access/", "/app/settings/access/add/"):
        assert browser_at(bob, HOME).post(path, {"network": "0.0.0.0/1", "mode": "everyone"}).status_code == 404
    assert AccessRule.of(alice_member.account).get().pk == rule.pk


@pytest.mark.parametrize(
    "network, code",
    [("nonsense", "bad_network"), ("", "bad_network"), ("0.0.0.0/0", "too_wide"), ("::/0", "too_wide"),
     ("::ffff:0:0/96", "too_wide"), ("198.51.100.9/24", "taken"), ("::ffff:198.51.100.0/120", "taken")],
)  # fmt: skip
def test_what_is_no_range_or_is_there_already_is_refused(listed, alice_member, alice, network, code):
    with pytest.raises(Refused) as refused, account_scope(alice_member.account):
        actions.add_access_rule(by=alice_member, network=network)
    assert refused.value.code == code
    answer = browser_at(alice, HOME).post("/app/settings/access/add/", {"network": network, "label": "X"})
    assert answer.status_code == 400 and 'aria-invalid="true"' in answer.content.decode()


def test_changes_are_in_the_log_without_addresses(listed, alice_member):
    with account_scope(alice_member.account):
        rule = AccessRule.objects.get()
        actions.set_access_mode(by=alice_member, mode="everyone", address=HOME)
        actions.remove_access_rule(by=alice_member, rule=rule, address=HOME)
    acts = list(Entry.objects.filter(action__startswith="access.").order_by("pk"))
    assert [act.action for act in acts] == [
        "access.rule_added", "access.mode_changed", "access.mode_changed", "access.rule_removed",
    ]  # fmt: skip
    assert "198.51" not in json.dumps([act.facts for act in acts])


def test_the_page_says_where_one_is_and_what_would_change(alice_member, bob_member, alice):
    allow(alice_member, HOME, mode="everyone")
    for member, address in ((bob_member, "192.0.2.60"), (make_member(alice_member.account, name="Cleo"), HOME)):
        UserSession.objects.create(user=member.user, session_key=f"key{member.pk}", ip=address, user_agent="x")
    page = browser_at(alice, AWAY).get("/app/settings/access/").content.decode()
    assert "You are here now" in page and AWAY in page and "Not on the list" in page
    assert "Add its network, 203.0.113.0/24" in page
    assert "Bob Builder, last seen at 192.0.2.60" in page and "would be kept out" in page


def test_the_page_takes_the_same_queries_for_many_rows(alice_member, alice, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for round_ in range(2):
        with account_scope(alice_member.account):
            for number in range(10):
                actions.add_access_rule(by=alice_member, network=f"10.{round_}.{number}.0/24")
                member = make_member(alice_member.account)
                UserSession.objects.create(
                    user=member.user, session_key=f"k{round_}{number}", ip=f"10.{round_}.{number}.7", user_agent="x"
                )
        browser = browser_at(alice, HOME)
        browser.get("/app/settings/access/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            browser.get("/app/settings/access/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


# ---- the link -----------------------------------------------------------------------------------------------
@pytest.fixture
def asked(listed, bob):
    """Bob is outside and asks for the link; the owner's mail with it."""
    answer = browser_at(bob, AWAY).post("/app/access/recover/")
    assert answer.status_code == 302
    [letter] = deliver()
    return letter


def test_the_link_goes_to_the_owner_only_and_opens_the_door_once(asked, alice, bob, acme, client_of):
    assert asked.to == ["Alice Example <alice@acme-bikes.example>"] or "alice@acme-bikes.example" in asked.to[0]
    path = path_of(link_in(asked, "/app/access/recover/"))
    far = browser_at(alice, AWAY)
    assert far.get(path).status_code == 200  # a scanner's look changes nothing
    acme.refresh_from_db()
    assert acme.access_mode == "listed"
    assert far.post(path).status_code == 302
    acme.refresh_from_db()
    assert acme.access_mode == "everyone" and AccessRule.of(acme).count() == 1
    assert far.get("/app/settings/access/").status_code == 200
    allow_again = Account.objects.filter(pk=acme.pk).update(access_mode="listed")
    assert allow_again and far.post(path).status_code == far.get(path).status_code == 404
    acme.refresh_from_db()
    assert acme.access_mode == "listed"
    acts = list(Entry.objects.filter(action__startswith="access.rec").order_by("pk").values_list("action", flat=True))
    assert acts == ["access.recovery_sent", "access.recovered"]


def test_the_link_works_for_nobody_else_and_asks_who_is_not_logged_in(asked, bob, carol, acme):
    path = path_of(link_in(asked, "/app/access/recover/"))
    for user in (bob, carol):
        assert browser_at(user, AWAY).post(path).status_code == 404
    answer = Client(REMOTE_ADDR=AWAY).get(path)
    assert answer.status_code == 302 and urlsplit(answer["Location"]).path == "/account/login/"
    assert AccessRecovery.of(acme).get().used_at is None


def test_the_link_dies_after_thirty_minutes_and_with_the_ownership(asked, alice, acme, alice_member):
    path = path_of(link_in(asked, "/app/access/recover/"))
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=30, seconds=1), tick=False):
        assert browser_at(alice, AWAY).post(path).status_code == 404
    alice_member.role = "admin"
    alice_member.save(update_fields=["role"])
    assert browser_at(alice, AWAY).post(path).status_code == 404


def test_a_changed_link_opens_nothing(asked, alice):
    path = path_of(link_in(asked, "/app/access/recover/"))
    far = browser_at(alice, AWAY)
    assert far.post(path[:-3] + "xx/").status_code == 404
    assert far.get("/app/access/recover/nothing/").status_code == 404


def test_two_presses_at_once_use_a_link_once(asked, alice_member, acme):
    link = AccessRecovery.of(acme).get()
    with account_scope(acme):
        actions.use_recovery_link(link=link, user_id=alice_member.user_id)
        with pytest.raises(Refused) as refused:
            actions.use_recovery_link(link=link, user_id=alice_member.user_id)
    assert refused.value.code == "bad_link"


def test_a_mail_that_waited_too_long_is_not_sent(listed, bob):
    browser_at(bob, AWAY).post("/app/access/recover/")
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=31), tick=False):
        assert deliver() == []


def test_asking_for_links_is_limited(listed, bob):
    browser = browser_at(bob, AWAY)
    answers = [browser.post("/app/access/recover/").status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mail.outbox) == 0
