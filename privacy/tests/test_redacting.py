"""Words in public go at the wish of the author, from the case page; the thread stays readable (S101)."""

import pytest
from django.core import mail

from accounts.actions import set_photo
from accounts.models import User
from accounts.tests.pictures import plain
from core.errors import Refused
from forum.actions.posts import edit_post
from forum.links import topic_path
from forum.models import Post, PostVersion, Topic
from forum.testing import make_post, make_topic, make_writer
from outbox.actions import deliver_all
from privacy.actions.redacting import redact
from privacy.models import Case
from privacy.testing import make_case, make_guest_case

WORDS = "My daughter rides the red bike to school. It has a bell."


@pytest.fixture
def thread(eve, carol):
    """A question of Eve, her answer, and an answer of Carol that quotes her."""
    make_writer(eve)
    make_writer(carol)
    topic = make_topic(carol, title="Which bike for a child?")
    own = make_post(topic, eve, WORDS)
    other = make_post(topic, carol, "> My daughter rides the red bike to school.\n\nA good choice.")
    return topic, own, other


def test_the_officer_removes_the_words_and_the_person_gets_the_letter(eve, pia, client_of, thread):
    topic, own, other = thread
    case = make_case(eve, kind=Case.Kind.TESTIMONIAL_REMOVAL, text="Please take my words down.")
    browser, address = client_of(pia), f"/privacy/queue/{case.number}/"
    page = browser.get(address).content.decode()
    assert "My daughter rides" in page and "A good choice." not in page
    browser.post(address, {"do": "redact", "chosen": f"forum.post:{own.pk}"})
    public = browser.get(topic_path(topic)).content.decode()
    assert "at the wish of the author" in public and "A good choice." in public and "My daughter" not in public
    own.refresh_from_db()
    other.refresh_from_db()
    assert own.author_id == eve.pk and "[…]" in other.text and "daughter" not in other.text + other.words + own.words
    assert "My daughter rides" not in browser.get(address).content.decode()
    mail.outbox.clear()
    browser.post(address, {"do": "answer", "answer": "Your words are taken down."})
    deliver_all()
    assert any("Your words are taken down." in letter.body for letter in mail.outbox)
    assert list(case.events.filter(what="redacted").values_list("facts", flat=True)) == [{"texts": 1, "masked": 1}]


def test_earlier_texts_and_the_title_go_too(eve, carol, pia):
    make_writer(eve)
    topic = make_topic(eve, title="Where does Eve live?", text="Eve lives in the Long Street.")
    first = Post.objects.get(topic=topic, number=1)
    edit_post(post=first, editor=eve, text="Eve moved away from there.")
    case = make_case(eve, kind=Case.Kind.TESTIMONIAL_REMOVAL)
    redact(case=case, by=pia, chosen=[f"forum.post:{first.pk}"])
    first.refresh_from_db()
    assert Topic.objects.get(pk=topic.pk).title == "–" and "Eve" not in first.text + first.words + first.rendered
    assert not PostVersion.objects.exists()


def test_nothing_of_others_and_nothing_without_a_proof_is_removed(eve, pia, thread):
    _topic, own, other = thread
    case = make_case(eve, kind=Case.Kind.TESTIMONIAL_REMOVAL)
    with pytest.raises(Refused):
        redact(case=case, by=pia, chosen=[f"forum.post:{other.pk}", "accounts.user:1", ""])
    unproved = make_guest_case(kind=Case.Kind.TESTIMONIAL_REMOVAL, is_proved=False)
    with pytest.raises(Refused):
        redact(case=unproved, by=pia, chosen=[f"forum.post:{own.pk}"])
    assert Post.objects.get(pk=own.pk).text == WORDS


def test_the_officer_removes_a_photo(eve, pia, client_of):
    set_photo(user=eve, data=plain((64, 64)))
    case = make_case(eve, kind=Case.Kind.PHOTO_REMOVAL)
    address = f"/privacy/queue/{case.number}/"
    assert "Remove the photo" in client_of(pia).get(address).content.decode()
    client_of(pia).post(address, {"do": "photo"})
    assert User.objects.get(pk=eve.pk).photo_key == ""
