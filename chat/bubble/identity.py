"""Signed words of a customer's server that say who a visitor is: checked here only, never in the browser.

HS256 and nothing else; the secret is that of one widget, so a word for another website or account means nothing.
"""

from dataclasses import dataclass
from typing import Any

import jwt
from django.utils.translation import gettext_lazy as _

from accounts.sealing import InvalidToken, unseal
from chat.models import Widget
from core.errors import Refused

LONGEST = 4096  # characters of a token
LONGEST_LIFE = 600  # seconds from `iat` to `exp` (SAFETY: visitor identity)
LEEWAY = 30  # seconds that two clocks may differ
REQUIRED = ["sub", "iat", "exp", "jti"]


@dataclass(frozen=True)
class Identity:
    """Who a website says a visitor is. `token_id` is good once."""

    subject: str
    name: str
    email: str
    token_id: str
    ends_at: int


def read_token(widget: Widget, token: str) -> Identity:
    """What a token says. Raises Refused `bad_token` with a sentence for the customer's developer."""
    if not widget.identity_secret:
        raise _refused(_("identify is not set up for this website. Make a secret in its settings first."))
    if len(token) > LONGEST:
        raise _refused(_("The token is too long."))
    try:
        claims = jwt.decode(
            token, unseal(widget.identity_secret), algorithms=["HS256"], leeway=LEEWAY, options={"require": REQUIRED}
        )
    except jwt.ExpiredSignatureError as problem:
        raise _refused(_("The token has expired. Make a fresh one for each page.")) from problem
    except jwt.MissingRequiredClaimError as problem:
        sentence = _("The token needs the claim %(claim)s.") % {"claim": problem.claim}
        raise _refused(sentence) from problem
    except (jwt.PyJWTError, InvalidToken, ValueError, RecursionError) as problem:
        raise _refused(_("The token is not signed with this website's secret (HS256).")) from problem
    return _identity(claims)


def _identity(claims: dict[str, Any]) -> Identity:
    if not 0 <= claims["exp"] - claims["iat"] <= LONGEST_LIFE:
        raise _refused(_("The token lives too long: exp may be at most 10 minutes after iat."))
    words = {name: claims.get(name) or "" for name in ("sub", "jti", "name", "email")}
    if not all(isinstance(word, str) for word in words.values()) or not (words["sub"] and words["jti"]):
        raise _refused(_("sub, jti, name and email are texts; sub and jti may not be empty."))
    if len(words["sub"]) > 120 or len(words["jti"]) > 120:
        raise _refused(_("sub and jti can have 120 characters."))
    return Identity(words["sub"], words["name"], words["email"], words["jti"], int(claims["exp"]))


def _refused(sentence: Any) -> Refused:
    return Refused("bad_token", sentence)
