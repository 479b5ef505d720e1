"""The languages of the chat window and of the mails to visitors; the site's own pages are English."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import trans_real

from chat.models import Widget

LANGUAGES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "pl": "Polski",
}  # fmt: skip
# the window can be laid out from right to left although we have no words in these languages yet
RIGHT_TO_LEFT = tuple(code for code in settings.LANGUAGES_BIDI if "-" not in code)
CHOICES = [("", _("That of the page, else of the browser")), *LANGUAGES.items()]


def choose_language(widget: Widget, asked: str, accepted: str) -> str:
    """The language of the window: the account's choice, else what the page asks for, else what the browser accepts.

    `asked` is a word such as "de-AT" from the page's tag, `accepted` an Accept-Language header. A page in a language
    that is written from right to left gets a window that runs that way, in English. English where nothing fits.
    """
    for word in (widget.language, asked):
        if (code := _base(word)) in (*LANGUAGES, *RIGHT_TO_LEFT):
            return code
    for word, _weight in trans_real.parse_accept_lang_header(accepted[:500]):
        if (code := _base(word)) in LANGUAGES:
            return code
    return "en"


def known_language(word: str) -> str:
    """The language of a word that a browser sent, or nothing when the window does not know it."""
    code = _base(word)
    return code if code in (*LANGUAGES, *RIGHT_TO_LEFT) else ""


def _base(word: str) -> str:
    return word.strip().lower().replace("_", "-").partition("-")[0]
