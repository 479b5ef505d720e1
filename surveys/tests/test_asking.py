"""Who is asked, what is kept of a yes and of a no, and how a name is taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.chats import close_chat, rate_chat
from chat.actions.tags import tag_chat
from chat.actions.visitors import delete_visitor
from chat.models import Chat, Tag, Visitor
from chat.testing import make_chat, make_operator, make_visitor
from core.personal_data import registry
from surveys.models import Answer, MemberContact, MemberMark, Sheet, VisitorContact, VisitorMark
from surveys.queries import find_for_visitor, is_in_sample, list_questions
from surveys.testing import make_survey

pytestmark = pytest.mark.django_db


def ended_chat(acme: Account, member: Membership, visitor: Visitor, rating: str = "good", tag: str = "") -> Chat:
    operator = make_operator(member)
    chat = make_chat(acme, visitor=visitor, operator=operator)
    with account_scope(acme):
        if tag:
            tag_chat(operator=operator, chat_pk=chat.pk, name=tag)
        close_chat(chat_pk=chat.pk, by="visitor")
        rate_chat(chat_pk=chat.pk, value=rating)
    return chat


def ask(visitor: Any, path: str = "", **body: Any) -> Any:
    return Client().post(f"/widget/survey/{path}", {"secret": visitor.secret, **body}, content_type="application/json")


@pytest.mark.promise("survey_no_thanks")
def test_a_visitor_is_asked_after_the_chat_that_fits_and_only_once(acme: Account, bob_member: Membership):
    visitor = make_visitor(acme, name="Dave")
    assert ask(visitor).status_code == 204
    chat = ended_chat(acme, bob_member, visitor, tag="ride")
    with account_scope(acme):
        ride = Tag.objects.get(name="ride")
        other = Tag.objects.create(account=acme, name="other")
    make_survey(acme, rating="bad")
    make_survey(acme, tag=other.pk)
    make_survey(acme, widget=chat.widget_id, since=timezone.localdate() + timedelta(days=2))
    make_survey(acme, is_on=False)
    assert ask(visitor).status_code == 204
    survey = make_survey(acme, tag=ride.pk, rating="good", title="<b>How</b> are we?")
    page = ask(visitor).content.decode()
    assert "&lt;b&gt;How&lt;/b&gt; are we?" in page
    assert "voluntary" in page
    stars, about, words = list_questions(survey)
    answers = {f"q{stars.pk}": ["9"], f"q{words.pk}": ["<script>x</script>"], "email": ["not one"]}
    wrong = ask(visitor, "answer/", survey=str(survey.public_id), answers=answers).content.decode()
    assert "Choose one of the answers" in wrong
    assert "&lt;script&gt;x&lt;/script&gt;" in wrong
    assert "Enter an e-mail like" in wrong
    answers |= {f"q{stars.pk}": ["4"], f"q{about.pk}": ["1"], "email": ["dave@specimen.example"]}
    thanks = ask(visitor, "answer/", survey=str(survey.public_id), answers=answers).content.decode()
    assert ask(visitor).status_code == 204
    assert ask(visitor, "answer/", survey=str(survey.public_id), answers=answers).status_code == 404
    with scopes_disabled():
        sheet, contact = Sheet.objects.get(), VisitorContact.objects.get()
        assert sheet.month.day == 1
        assert (contact.email, contact.channel, len(contact.text_hash)) == ("dave@specimen.example", "chat", 64)
        assert sorted(Answer.objects.values_list("number", "text"), key=str) == [
            (1, ""), (4, ""), (None, "<script>x</script>"),
        ]  # fmt: skip
    assert f"/surveys/take-back/{contact.key}/" in thanks
    browser = Client()
    assert "dave@specimen.example" in browser.get(f"/surveys/take-back/{contact.key}/").content.decode()
    with scopes_disabled():
        assert VisitorContact.objects.exists()  # a mail scanner that opens the link takes nothing back
    browser.post(f"/surveys/take-back/{contact.key}/")
    with scopes_disabled():
        assert not VisitorContact.objects.exists()
        assert Sheet.objects.exists()
    assert browser.get(f"/surveys/take-back/{contact.key}/").status_code == 404


@pytest.mark.promise("survey_no_thanks")
def test_no_thanks_is_kept_without_a_word_more_and_goes_with_the_visitor(acme: Account, bob_member: Membership):
    visitor = make_visitor(acme)
    ended_chat(acme, bob_member, visitor)
    survey = make_survey(acme)
    assert ask(visitor, "answer/", survey=str(survey.public_id), no=True).status_code == 204
    assert ask(visitor).status_code == 204
    with account_scope(acme):
        mark = VisitorMark.objects.get()
        assert set(mark.__dict__) - {"_state"} == {"id", "account_id", "survey_id", "visitor_id"}
        assert not Sheet.objects.exists()
        delete_visitor(visitor=visitor)
        assert not VisitorMark.objects.exists()
    assert ask(make_visitor(acme), "answer/", survey=str(survey.public_id), no=True).status_code == 404


def test_a_share_of_visitors_is_always_the_same_share(acme: Account):
    survey = make_survey(acme, sample=30)
    people = [make_visitor(acme).public_id for _ in range(60)]
    chosen = [one for one in people if is_in_sample(survey, one)]
    assert chosen == [one for one in people if is_in_sample(survey, one)]
    assert 3 < len(chosen) < 40


def test_people_in_the_app_are_asked_by_their_company_and_by_the_site_until_they_say_no(
    acme: Account, bob: User, bob_member: Membership, carol_member: Membership, client_of: Callable[[User], Client]
):
    for member in (bob_member, carol_member):
        make_operator(member)
    own, ours = make_survey(acme, "members", title="At Acme"), make_survey(None, "members", title="At the site")
    cache.clear()
    bobs, carols = client_of(bob), client_of(carol_member.user)
    assert "At Acme" not in carols.get("/app/settings/keys/").content.decode()
    assert "At the site" in carols.get("/app/settings/keys/").content.decode()
    assert carols.get(f"/app/asked/{own.public_id}/").status_code == 404
    assert "At the site" in bobs.get("/app/settings/keys/").content.decode()  # the newest first
    assert bobs.post(f"/app/asked/{ours.public_id}/", {"no": "yes"}).status_code == 302
    assert "At Acme" in bobs.get("/app/settings/keys/").content.decode()
    assert bobs.post(f"/app/asked/{own.public_id}/", {}).status_code == 400
    stars = list_questions(own)[0]
    page = bobs.post(f"/app/asked/{own.public_id}/", {f"q{stars.pk}": "5", "name": "Bob"}).content.decode()
    assert "Your answers are in" in page
    assert "surveys/_notice" not in page
    assert "has some questions" not in bobs.get("/app/settings/keys/").content.decode()
    with scopes_disabled():
        assert MemberMark.objects.filter(user=bob).count() == 2
        assert MemberContact.objects.get().name == "Bob"
        assert Sheet.objects.filter(account=None).count() == 0
        old = timezone.now() + timedelta(days=Sheet.KEEP_DAYS + 32)
        expired = registry.find("surveys.Sheet").expired
        assert expired is not None
        assert expired(old).count() == 1
        bob.delete()
        assert not MemberContact.objects.exists()


@pytest.mark.promise("surveys_whole")
def test_whoever_has_the_link_answers_without_being_known(acme: Account):
    survey = make_survey(acme, "link")
    path, browser = f"/surveys/{survey.key}/", Client()
    assert "Acme Bikes" in browser.get(path).content.decode()
    assert "Nothing was kept" in browser.post(path, {"no": "yes"}).content.decode()
    assert browser.post(path, {"name": "Pat"}).status_code == 400
    stars = list_questions(survey)[0]
    assert "are in" in browser.post(path, {f"q{stars.pk}": "1"}).content.decode()
    with account_scope(acme):
        assert Sheet.objects.get().channel == "link"
        assert not VisitorContact.objects.exists()
    assert browser.get(f"/surveys/{make_survey(acme).key}/").status_code == 404
    with account_scope(acme):
        assert find_for_visitor(make_visitor(acme)) is None
