import pytest

from core.errors import Refused
from facts.buckets import bucket_of, ends_of, quantile
from facts.money import plain_amount, read_amount, read_currency, say_amount
from facts.queries import matches


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "EUR", 1250), ("12.5", "EUR", 1250), ("12", "EUR", 1200), ("1250", "JPY", 1250), ("1.250", "KWD", 1250),
     ("0.10", "USD", 10), ("999999999999.99", "EUR", 99999999999999)],
)  # fmt: skip
def test_an_amount_is_read_exactly(text, currency, minor):
    assert read_amount(text, currency) == minor
    assert read_amount(plain_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("12,50", "EUR"), ("12.505", "EUR"), ("1.5", "JPY"), ("-1", "EUR"), ("0", "EUR"), ("1e3", "EUR"), ("", "EUR"),
     ("NaN", "EUR"), ("٣", "EUR"), ("9999999999999", "EUR"), (" ", "EUR"), ("1.2345", "KWD"), ("12.", "EUR")],
)  # fmt: skip
def test_an_amount_that_is_not_exact_is_refused(text, currency):
    with pytest.raises(Refused) as refused:
        read_amount(text, currency)
    assert refused.value.code == "bad_amount"


def test_a_currency_is_one_of_iso_4217():
    assert read_currency(" eur ") == "EUR"
    for word in ("XXX", "EURO", "", "E R"):
        with pytest.raises(Refused):
            read_currency(word)


def test_money_is_written_with_its_own_decimals():
    assert say_amount(1250, "EUR") == "€12.50"
    assert say_amount(1824000, "EUR", whole=True) == "€18,240"
    assert say_amount(1250, "JPY") == "¥1,250"
    assert say_amount(1250, "KWD") == "1.250 KWD"


def test_a_median_is_read_from_classes_to_a_few_per_cent():
    times = [700, 4_000, 9_000, 34_000, 35_000, 61_000, 400_000]
    counts: dict[int, int] = {}
    for ms in times:
        bucket = bucket_of(ms)
        start, end = ends_of(bucket)
        assert start <= ms <= end * 1.000001
        counts[bucket] = counts.get(bucket, 0) + 1
    assert quantile(counts, 0.5) == pytest.approx(34_000, rel=0.07)
    assert quantile({}, 0.5) is None
    assert quantile({3: 0}, 0.5) is None


@pytest.mark.parametrize(
    ("pattern", "url", "reached"),
    [
        ("/thank-you/", "https://shop.example/thank-you/?order=1", True),
        ("/thank-you/", "https://shop.example/de/thank-you/", False),
        ("thank-you", "https://shop.example/de/Thank-You/", True),
        ("/*/thank-you", "https://shop.example/de/thank-you/2", True),
        ("=/thanks", "https://shop.example/thanks/?x=1#y", True),
        ("=/thanks", "https://shop.example/thanks/more/", False),
        ("=/a*c", "https://shop.example/abcbc", True),
        ("=https://shop.example/thanks", "https://shop.example/thanks", True),
        ("=https://shop.example/thanks", "https://evil.example/thanks", False),
        ("a" + "*a" * 149, "https://shop.example/" + "a" * 100 + "!", False),
    ],
)
def test_a_page_reaches_a_goal_by_its_address(pattern, url, reached):
    assert matches(pattern, url) is reached
