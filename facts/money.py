"""Amounts as whole minor units of an ISO 4217 currency: read from text, written for people, never a float."""

import re
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from core.errors import Refused

# the currencies that people pay with, by how many decimals they have (ISO 4217, list one); the others have two
NONE_TEXT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_TEXT = "BHD IQD JOD KWD LYD OMR TND"
TWO_TEXT = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
NONE, TWO, THREE = (frozenset(text.split()) for text in (NONE_TEXT, TWO_TEXT, THREE_TEXT))
CURRENCIES = NONE | TWO | THREE
LARGEST = 10**12  # of whole units: no order is larger
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "PLN": "zł", "CHF": "CHF"}


def decimals_of(currency: str) -> int:
    """How many decimals the currency has."""
    return 0 if currency in NONE else 3 if currency in THREE else 2


def read_currency(text: str) -> str:
    """The code in capitals. Raises Refused `bad_currency`."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise Refused("bad_currency", _("Send a currency of ISO 4217, like EUR."))
    return code


def read_amount(text: str, currency: str) -> int:
    """ "12.50" and "EUR" as 1250: digits and one point, no more decimals than the currency has. Raises `bad_amount`."""
    found = re.fullmatch(r"([0-9]{1,13})(?:\.([0-9]{1,3}))?", text.strip(), re.ASCII)
    places = decimals_of(currency)
    if found is None or len(found[2] or "") > places:
        raise Refused(
            "bad_amount",
            _("Send the amount as text like %(example)s.") % {"example": "12.50" if places == 2 else "1250"},
        )
    minor = int(found[1]) * 10**places + int((found[2] or "").ljust(places, "0") or 0)
    if not 0 < minor <= LARGEST * 10**places:
        raise Refused("bad_amount", _("Send an amount above zero."))
    return minor


def plain_amount(minor: int, currency: str) -> str:
    """1250 and "EUR" as "12.50": how the API and exports write it."""
    places = decimals_of(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def say_amount(minor: int, currency: str, *, whole: bool = False) -> str:
    """1250 and "EUR" as "€12.50" or "12.50 PLN"; `whole` leaves the decimals out."""
    places = decimals_of(currency)
    number = number_format(Decimal(minor).scaleb(-places), 0 if whole else places, use_l10n=True, force_grouping=True)
    sign = SIGNS.get(currency, "")
    return f"{sign}{number}" if sign in ("€", "$", "£", "¥") else f"{number} {sign or currency}"
