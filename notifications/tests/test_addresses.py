import hashlib

import pytest
from django.conf import settings

from core.personal_data import Purpose
from notifications.actions import suppress_address
from notifications.addresses import canonical, hash_address
from notifications.queries import list_suppressed

SAME = [
    "pat@specimen.example",
    "  Pat@Specimen.Example ",
    "PAT@SPECIMEN.EXAMPLE",
    "pat+shop@specimen.example",
    "pat+a+b@specimen.example.",
    "ｐａｔ@specimen.example",
    "pat＠specimen.example",
]


@pytest.mark.parametrize("written", SAME)
def test_one_person_s_address_is_one_however_it_is_written(written: str) -> None:
    assert canonical(written) == "pat@specimen.example"
    assert hash_address(written) == hash_address("pat@specimen.example")


def test_a_domain_in_unicode_and_its_ascii_form_are_one() -> None:
    assert canonical("pat@bücher.example") == canonical("pat@xn--bcher-kva.example")


def test_two_people_s_addresses_are_two() -> None:
    assert hash_address("pat@specimen.example") != hash_address("kim@specimen.example")
    assert canonical("+tag@specimen.example") == "+tag@specimen.example"


@pytest.mark.parametrize("written", ["", "pat", "@specimen.example", "pat@", "   "])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        canonical(written)


def test_the_hash_has_a_key_that_only_this_site_knows() -> None:
    assert hash_address("pat@specimen.example") != hashlib.sha256(b"pat@specimen.example").hexdigest()
    assert settings.ADDRESS_KEY_FILE.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_a_removed_address_stays_removed_in_every_form_and_nothing_of_it_is_kept() -> None:
    from notifications.models import Suppression

    assert suppress_address(email="Pat+shop@specimen.example", reason="removed")
    assert not suppress_address(email="pat@specimen.example", reason="removed")
    assert list_suppressed(SAME, Purpose.INVITATION) == set(SAME)
    row = Suppression.objects.get()
    assert "pat" not in str(row.__dict__)


@pytest.mark.django_db
def test_a_suppression_for_one_purpose_leaves_the_others_alone() -> None:
    suppress_address(email="pat@specimen.example", reason="removed", purpose=Purpose.INVITATION.value)
    assert list_suppressed(["pat@specimen.example"], Purpose.INVITATION)
    assert not list_suppressed(["pat@specimen.example"], Purpose.SUMMARY)


@pytest.mark.django_db
def test_an_address_that_bounced_still_gets_what_its_owner_asks_for_now() -> None:
    suppress_address(email="pat@specimen.example", reason="bounced")
    assert list_suppressed(["pat@specimen.example"], Purpose.SUMMARY)
    assert not list_suppressed(["pat@specimen.example"], Purpose.ACCOUNT)
