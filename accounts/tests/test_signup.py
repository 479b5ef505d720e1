"""Sign-up: exactly the fields of the promise, what it stores, and what it does not tell."""

import datetime
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from accounts.forms import SignupForm
from accounts.models import Account, Membership, User
from accounts.testing import PASSWORD, make_owner
from accounts.tests.mails import deliver, link_in, path_of
from accounts.websites import read_website
from audit.models import Entry, SubjectKey
from core.errors import Refused
from core.personal_data import registry
from policies.models import Acceptance
from policies.testing import make_version

pytestmark = pytest.mark.django_db
SIGNUP = "/account/signup/"


def answers(**changes):
    token = SignupForm().version_token
    return {
        "name": "Ada",
        "surname": "Example",
        "email": "ada@acme-bikes.example",
        "password1": PASSWORD,
        "company": "Acme Bikes",
        "address": "1 Sample Street, Exampletown",
        "website": "acme-bikes.example",
        "age": "on",
        "policy": token,
        "fax": "",
    } | changes


def confirm(client, message):
    return client.post(path_of(link_in(message, "confirm-email")), follow=False)


def test_exactly_the_promised_fields_are_asked(client, texts):
    page = client.get(SIGNUP).content.decode()
    asked = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page))
    personal = {"name", "surname", "email", "password1", "company", "address", "website"}
    assert asked - {"csrfmiddlewaretoken", "fax"} == personal | {"age", "policy"}
    assert "card" not in " ".join(asked)


def test_each_field_says_why_it_is_asked_in_the_words_of_the_data_map(client, texts):
    page = client.get(SIGNUP).content.decode()
    for model, fields in (
        ("accounts.User", ("name", "surname", "email", "password")),
        ("accounts.Account", ("company", "address", "website")),
    ):
        for field in fields:
            assert str(registry.why(model, field)) in page, field


def test_signing_up_makes_a_person_a_company_and_its_owner(client, texts, settings):
    before = timezone.now()
    response = client.post(
        SIGNUP, answers(email="Ada@Acme-Bikes.example", website="HTTP://acme-bikes.example/shop?x=1")
    )
    assert response.status_code == 302 and response["Location"] == "/account/confirm-email/"
    user, account = User.objects.get(), Account.objects.get()
    assert (user.email, user.name, user.surname) == ("ada@acme-bikes.example", "Ada", "Example")
    assert user.over_thirteen_at >= before and not user.is_staff and not user.is_superuser
    assert (account.company, account.address, account.slug) == (
        "Acme Bikes",
        "1 Sample Street, Exampletown",
        "acme-bikes",
    )
    assert account.website.endswith("://acme-bikes.example")
    assert account.trial_ends_at - account.created_at == datetime.timedelta(days=30)
    assert Membership.objects.get().role == "owner"
    entry = Entry.objects.get(action="account.registered")
    assert "ada@" not in str(entry.facts) and entry.facts["trial_days"] == 30


def test_both_acceptances_are_stored_with_version_hash_and_time(client, texts):
    before = timezone.now()
    client.post(SIGNUP, answers())
    stored = {one.version.kind: one for one in Acceptance.objects.select_related("version")}
    assert set(stored) == {"policy", "terms"}
    for version in texts:
        acceptance = stored[version.kind]
        assert acceptance.version == version and acceptance.text_hash == version.text_hash
        assert acceptance.accepted_at >= before and acceptance.channel == "signup"


def test_a_version_that_was_not_shown_is_not_accepted(client, texts):
    old = answers()
    make_version("Another sentence.", kind="policy")
    page = client.post(SIGNUP, old).content.decode()
    assert "The texts changed meanwhile" in page and not User.objects.exists()
    assert "version 2" in page


def test_without_published_texts_sign_up_is_closed(client, db):
    assert "Sign-up is closed" in client.get(SIGNUP).content.decode()
    client.post(SIGNUP, answers())
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"surname": ""}, "Enter your surname"),
        ({"email": "ada@"}, "Enter an e-mail like"),
        ({"website": "acme bikes"}, "Enter the website as in shop.example, without spaces"),
        ({"age": ""}, "Confirm that you are 13 or older"),
        ({"policy": ""}, "Accept the privacy policy and the terms"),
        ({"password1": "short"}, "too short"),
        ({"password1": "Ada Example"}, "too similar"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "Visit www.spam.example"}, "without a link"),
        ({"company": "Acme\x00Bikes"}, "control characters"),
    ],
)
def test_a_wrong_answer_is_named_in_the_summary_and_nothing_is_lost(client, texts, changes, words):
    response = client.post(SIGNUP, answers(**changes))
    page = response.content.decode()
    assert not User.objects.exists() and not Account.objects.exists()
    assert 'class="error-summary"' in page and 'role="alert"' in page and words in page
    assert "<title>Error: " in page
    for field in {"surname", "company", "address"} - set(changes):
        assert f'value="{answers()[field]}"' in page
    assert PASSWORD not in page


def test_the_summary_counts_and_links_the_fields(client, texts):
    page = client.post(SIGNUP, answers(surname="", website="a b", age="")).content.decode()
    assert "Please fix 3 things" in page
    for field in ("surname", "website", "age"):
        assert f'href="#{field}"' in page and f'id="{field}"' in page


def test_nobody_under_thirteen_is_stored(client, texts):
    client.post(SIGNUP, answers(age=""))
    assert not User.objects.exists() and not EmailAddress.objects.exists()


def test_the_mailed_link_confirms_the_address_and_logs_in_the_same_browser(client, texts, settings):
    client.post(SIGNUP, answers())
    [message] = deliver()
    assert message.to[0].endswith("ada@acme-bikes.example>") or message.to == ["ada@acme-bikes.example"]
    assert link_in(message, "confirm-email").startswith(settings.PUBLIC_ORIGIN + "/account/confirm-email/")
    page = client.get(path_of(link_in(message, "confirm-email")))
    assert "ada@acme-bikes.example" in page.content.decode()
    assert not get_user(client).is_authenticated  # looking is not confirming
    response = confirm(client, message)
    assert response["Location"] == "/app/chats/"
    assert get_user(client).email == "ada@acme-bikes.example"
    assert confirm(Client(), message).status_code == 404  # the link works once


def test_an_existing_e_mail_gets_the_same_answer_and_a_mail(client, alice):
    fresh, taken = Client(), Client()
    first = fresh.post(SIGNUP, answers(email="new@specimen.example", website="one.example"), follow=True)
    second = taken.post(SIGNUP, answers(email="alice@acme-bikes.example", website="two.example"), follow=True)
    assert first.redirect_chain == second.redirect_chain
    pages = [
        re.sub(r"value=\"[^\"]+\"|nonce=\"[^\"]+\"", "", response.content.decode()).replace(email, "")
        for response, email in ((first, "new@specimen.example"), (second, "alice@acme-bikes.example"))
    ]
    assert pages[0] == pages[1]
    assert dict(first.headers).keys() == dict(second.headers).keys()
    assert fresh.session.keys() == taken.session.keys()
    assert User.objects.count() == 2 and Account.objects.count() == 2
    to_alice = [message for message in deliver() if "alice@" in message.to[0]]
    assert [message.subject for message in to_alice] == ["You have a login already"]


def test_a_second_trial_for_the_same_website_is_refused_whatever_the_e_mail(client, alice):
    pages = []
    for email in ("alice@acme-bikes.example", "new@specimen.example"):
        for website in ("acme-bikes.example", "https://www.acme-bikes.example/again"):
            page = client.post(SIGNUP, answers(email=email, website=website)).content.decode()
            assert "This website has an account already" in page
            pages.append(re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page))
    assert len(set(pages)) == 1
    assert User.objects.count() == 1 and not deliver()


def test_an_unconfirmed_sign_up_does_not_block_a_website_but_shares_its_trial(texts, time_machine):
    start = timezone.now() + datetime.timedelta(minutes=1)
    time_machine.move_to(start, tick=False)
    squatter, owner = Client(), Client()
    squatter.post(SIGNUP, answers(email="first@specimen.example"))
    [one] = deliver()
    time_machine.move_to(start + datetime.timedelta(days=1), tick=False)
    owner.post(SIGNUP, answers(email="second@specimen.example"))
    [two] = deliver()
    confirm(owner, two)
    confirm(squatter, one)
    ends = dict(Membership.objects.values_list("user__email", "account__trial_ends_at"))
    assert ends["first@specimen.example"] == start + datetime.timedelta(days=30)
    assert ends["second@specimen.example"] == start + datetime.timedelta(days=31)


def test_without_trials_there_is_no_end_and_a_website_may_have_two_accounts(client, texts, settings):
    settings.TRIAL_DAYS = 0
    make_owner(website="https://acme-bikes.example")
    client.post(SIGNUP, answers())
    account = Account.objects.order_by("pk").last()
    assert account.trial_ends_at is None and account.trial_days_left() is None
    assert not account.is_read_only(timezone.now() + datetime.timedelta(days=10_000))
    assert "free days" not in client.get(SIGNUP).content.decode()


def test_two_companies_of_one_name_get_two_short_names(texts):
    make_owner(company="Müller & Söhne")
    make_owner(company="Müller & Söhne")
    slugs = list(Account.objects.order_by("pk").values_list("slug", flat=True))
    assert slugs[0] == "muller-sohne" and slugs[1].startswith("muller-sohne-") and len(set(slugs)) == 2


def test_two_sign_ups_with_one_address_at_once_make_one_login(texts):
    make_owner(email="ada@acme-bikes.example")
    with pytest.raises(Refused) as refused:
        make_owner(email="ADA@acme-bikes.example")
    assert refused.value.code == "taken" and Account.objects.count() == 1


def test_the_trap_for_programs_makes_no_login(client, texts):
    response = client.post(SIGNUP, answers(fax="1234"))
    assert response["Location"] == "/account/confirm-email/" and not User.objects.exists()


@pytest.mark.real_hasher
def test_passwords_are_stored_as_argon2(texts):
    assert make_owner().password.startswith("argon2$argon2id$")


def test_the_twenty_first_sign_up_of_a_minute_is_refused(client, texts):
    codes = [client.post(SIGNUP, {}).status_code for _ in range(21)]
    assert codes[:20] == [200] * 20 and codes[20] == 429
    assert int(client.post(SIGNUP, {})["Retry-After"]) > 0


def test_an_address_signs_up_twenty_times_an_hour(texts, monkeypatch):
    from core import limits

    monkeypatch.setitem(limits.LIMITS, "signup", limits.Limit(2, 3600, "address"))
    answers_of = [
        Client().post(SIGNUP, answers(email=f"p{n}@specimen.example", website=f"s{n}.example")) for n in range(3)
    ]
    assert [one.status_code for one in answers_of] == [302, 302, 429] and User.objects.count() == 2
    assert int(answers_of[2]["Retry-After"]) > 0


def test_a_sign_up_that_nobody_confirms_is_removed_after_seven_days(texts, time_machine, alice):
    from accounts.actions import remove_unverified_accounts

    start = timezone.now()
    stale = make_owner(verified=False, email="never@specimen.example").pk
    assert SubjectKey.objects.filter(subject=f"user:{stale}").exists()
    time_machine.move_to(start + datetime.timedelta(days=6, hours=23))
    assert remove_unverified_accounts() == 0
    time_machine.move_to(start + datetime.timedelta(days=7, minutes=1))
    assert remove_unverified_accounts() == 1
    assert not SubjectKey.objects.filter(subject=f"user:{stale}").exists()
    assert [user.email for user in User.objects.all()] == ["alice@acme-bikes.example"]
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    "typed, origin",
    [
        ("shop.example", "https://shop.example"),
        (" https://Shop.Example/path?q#f ", "https://shop.example"),
        ("shop.example:8443", "https://shop.example:8443"),
        ("http://shop.example", "https://shop.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_website_becomes_an_origin(typed, origin, settings):
    settings.DEV = False
    assert read_website(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a b",
        "javascript:alert(1)",
        "https://",
        "shop",
        "https://user@shop.example",
        "10.0.0.1",
        "x" * 70 + ".example",
        "shop..example",
        "http://[::1",
    ],
)
def test_what_is_no_website_is_refused(typed, settings):
    settings.DEV = False
    with pytest.raises(Refused):
        read_website(typed)
