"""What django-allauth asks of the requests library, through our one outgoing door (P4)."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from core import egress
from core.personal_data import Category, Purpose

RECIPIENT = "sign_in"


class Answered:
    """The answer of a service, with the names that django-allauth reads."""

    def __init__(self, answer: egress.Answer) -> None:
        self.status_code = answer.status
        self.content = answer.body
        self.headers = {"content-type": "", **{name.lower(): value for name, value in answer.headers.items()}}

    @property
    def ok(self) -> bool:
        return self.status_code < 300

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The object that the body holds. Raises the library's OAuth2Error for anything else."""
        try:
            found = json.loads(self.content)
        except ValueError:
            raise failed("no JSON") from None
        if not isinstance(found, dict):
            raise failed("no object")
        return found

    def raise_for_status(self) -> None:
        if not self.ok:
            raise failed(f"status {self.status_code}")


class ProviderSession:
    """One conversation with a service; redirects are not followed."""

    def __enter__(self) -> "ProviderSession":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is kept open."""

    def get(self, url: str, **options: Any) -> Answered:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Answered:
        return self.request("POST", url, **options)

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> Answered:
        """One exchange. Raises the library's OAuth2Error when the door stays shut or the service does not answer."""
        sent = {"Accept": "application/json", **(headers or {})}
        if auth is not None:
            pair = f"{auth.username}:{auth.password}".encode()
            sent["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        if data is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        try:
            answer = egress.fetch(
                RECIPIENT,
                method,
                address,
                purpose=Purpose.ACCOUNT,
                subject="",  # who comes is known only when the service has answered
                categories=(Category.TECHNICAL.value,),
                headers=sent,
                body=urlencode(data).encode() if data is not None else b"",
            )
        except (egress.EgressRefused, egress.EgressFailed) as error:
            raise failed(str(error)) from error
        return Answered(answer)


def failed(why: str) -> Exception:
    """The exception that the library turns into a page; its module is loaded by the first sign-in."""
    from allauth.socialaccount.providers.oauth2.client import OAuth2Error

    return OAuth2Error(why)
