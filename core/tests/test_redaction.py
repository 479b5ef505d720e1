"""Card numbers, IBANs and keys are masked, and nothing else is."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redaction import is_card_number, mask_secrets

CARDS = (
    "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "5555.5555.5555.4444", "378282246310005",
    "3782 822463 10005", "6011111111111117", "3530111333300000", "2223003122003222", "30569309025904", "4222222222222",
    "６０１１１１１１１１１１１１１７", "٤١١١١١١١١١١١١١١١",
)  # fmt: skip
IBANS = ("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "pl61 1090 1014 0000 0712 1981 2874")
KEYS = (
    "sk_live_" + "a1B2" * 6, "AKIA" + "ABCD1234" * 2, "ghp_" + "x9" * 18, "xoxb-" + "12345678-abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz", "lc_4e07c2_" + "Zz09" * 8,
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nABCDEF\n-----END RSA PRIVATE KEY-----",
)  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("frame", ["{}", "My card is {}, thanks", "{} 12/27 123", "card:{}\ncvc 123", "({})", "no.{}!"])
def test_of_a_card_number_only_the_last_four_digits_stay(card: str, frame: str):
    masked = mask_secrets(frame.format(card))
    assert card not in masked
    assert card[-4:].replace(" ", "") in masked.replace(" ", "")
    assert not re.search(r"\d{5,}", masked)
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize("iban", IBANS)
@pytest.mark.parametrize("frame", ["{}", "Pay to {} please", "IBAN:{}.", "{}, today"])
def test_of_an_iban_the_country_and_the_last_four_signs_stay(iban: str, frame: str):
    masked = mask_secrets(frame.format(iban))
    assert iban not in masked
    assert iban[:2] in masked
    assert iban[-2:] in masked
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_gone(key: str):
    masked = mask_secrets(f"Here it is: {key} bye")
    assert key not in masked
    assert key[8:24] not in masked
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Order 1234567890123456", "+49 170 1234 5678 90", "2026-11-23 10:02:00.123", "1000000000000000",
        "ISBN 9783161484100", "4111111111111112", "0193b4c2-7d0e-7aaa-8f3c-000000000001",
        "00000000-4111-1111-8111-111111111100", "ce0299a1-0e83-4fa9-8485-d8ccfedefbb7",
        "https://shop.example/p/41111111?x=1_2",
        "DE00 3704 0044 0532 0130 00", "tracking 00340434292135100186", "_", "", "sk_live_", "eyJ",
    ],
)  # fmt: skip
def test_other_numbers_are_left_alone(text: str):
    assert mask_secrets(text) == text


@given(st.text(max_size=60), st.sampled_from(CARDS), st.text(max_size=60))
def test_whatever_stands_around_a_card_it_is_found(before: str, card: str, after: str):
    inside = "".join(str(int(one)) for one in card if one.isdecimal())
    masked = mask_secrets(f"{before} {card} {after}")
    digits = "".join(str(int(one)) if one.isdecimal() else " " for one in masked)
    assert inside not in digits


@given(st.text(max_size=200))
def test_masking_again_changes_nothing_and_the_length_of_plain_text_stays(text: str):
    masked = mask_secrets(text)
    assert mask_secrets(masked) == masked


def test_a_card_number_has_an_issuer_and_a_check_digit():
    assert is_card_number("4111111111111111")
    assert not is_card_number("9111111111111111")
    assert not is_card_number("0000000000000000")


@given(st.uuids(version=4))
def test_an_id_is_neither_a_card_nor_an_iban(ident: uuid.UUID):
    assert mask_secrets(f"Order {ident}, please") == f"Order {ident}, please"


LONG = ["4 ", "4-", "4", "1234 ", "41 11 ", "4111-", "DE44 ", "a1 ", "sk_live_", "-----BEGIN ", "eyJa.", "٤ "]


@pytest.mark.timeout(30)  # it takes a moment; with one look back for each sign it would take minutes
@pytest.mark.parametrize("piece", LONG)
def test_the_longest_message_is_no_work_whatever_stands_in_it(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    masked = mask_secrets(text)
    assert mask_secrets(masked) == masked


@pytest.mark.timeout(30)
@pytest.mark.parametrize("between", [" ", "-", " and "])
def test_of_five_hundred_card_numbers_in_a_row_each_is_masked(between: str) -> None:
    masked = mask_secrets(between.join(["4111 1111 1111 1111"] * 500))
    assert masked.count("•") == 500 * 12
    assert "4111" not in masked
