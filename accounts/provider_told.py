"""What a service tells for a form: name and e-mail, ten minutes in the cache, for one browser; nobody logs in (S92)."""

import json
import secrets
from collections.abc import Callable
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.internal import statekit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.provider_list import Provider
from accounts.sealing import InvalidToken, seal, unseal

PROCESS = "tell"  # beside the library's "login" and "connect"
FORMS = "forms_that_wait"  # in the session: a word -> the note of the door that asked; nothing of what is told
MOST_FORMS = 5  # windows at a time in one browser
TOLD_SECONDS = 600
EXPIRY = "_session_expiry"  # where Django keeps what set_expiry said
SESSION_SECONDS = 1800  # of a browser in which nobody is logged in


def ask(
    request: HttpRequest, provider: Provider, *, path_of: Callable[[str], str], note: dict[str, str]
) -> HttpResponse:
    """The answer that leads this browser to the service; it comes back to `path_of(word)`, with `note` kept for it."""
    from accounts.provider_flows import service_of  # the library's flows are loaded by the first who leaves

    word = secrets.token_urlsafe(16)
    waiting = list(request.session.get(FORMS, {}).items())[1 - MOST_FORMS :]
    request.session[FORMS] = {**dict(waiting), word: note}
    if not request.user.is_authenticated:
        request.session.set_expiry(SESSION_SECONDS)
    response: HttpResponse = service_of(request, provider).redirect(request, PROCESS, path_of(word), word)
    return response


def find_waiting_page(request: HttpRequest, provider: Provider) -> str:
    """The page of the form for which this browser comes back; empty when it wants to log in, or comes uninvited."""
    states = statekit.get_states(request)
    # not every service sends the state back with a "no": then the newest way to it is meant
    state_id = request.GET.get("state") or statekit.get_oldest_state(states, rev=True, provider_id=provider.key)
    state, _since, key = states.get(state_id or "", ({}, 0, ""))
    return str(state["next"]) if state.get("process") == PROCESS and key == provider.key else ""


def keep_told(state: dict[str, Any], told: dict[str, Any]) -> str:
    """Keeps name and e-mail, sealed, and drops the rest; answers the page that waits. Not one row is written."""
    parts = (told.get("first_name"), told.get("last_name"))
    name = str(told.get("name") or " ".join(part for part in parts if part))
    found = {"name": name[:200], "email": valid_email_or_none(told.get("email")) or ""}
    cache.set(_place(state["data"]), seal(json.dumps(found)), TOLD_SECONDS)
    return str(state["next"])


def find_note(request: HttpRequest, word: str) -> dict[str, str] | None:
    """The note of a form that waits in this browser; None in every other."""
    note: dict[str, str] | None = request.session.get(FORMS, {}).get(word)
    return note


def read_told(word: str) -> dict[str, str]:
    """What the service told for a form: `name` and `email`, each perhaps empty; {} when it told nothing (any more)."""
    try:
        told: dict[str, str] = json.loads(unseal(cache.get(_place(word)) or ""))
    except InvalidToken:
        return {}
    return told


def forget(request: HttpRequest, word: str) -> None:
    """The form is served: what was told for it goes, and with the last one the session of who is not logged in."""
    cache.delete(_place(word))
    session = request.session
    session[FORMS] = {one: note for one, note in session.get(FORMS, {}).items() if one != word}
    states = statekit.get_states(request).items()
    session[statekit.STATES_SESSION_KEY] = {one: state for one, state in states if state[0].get("data") != word}
    if not any(value for name, value in session.items() if name != EXPIRY) and not request.user.is_authenticated:
        session.flush()


def keep_opener(response: HttpResponse) -> HttpResponse:
    """Lets a page of ours speak with the window that opened it; every other page is cut off from its opener."""
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _place(word: str) -> str:
    return f"told:{word}"
