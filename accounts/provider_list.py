"""The services with whose accounts people may log in: those of the settings, then those of the admin."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import SignInProvider
from accounts.sealing import InvalidToken, unseal
from core.errors import not_found

ORDER = {"facebook": 0, "openid": 1, "google": 2, "x": 3}  # of the buttons


@dataclass(frozen=True)
class Provider:
    """One service. `key` is what its people are kept under: the issuer for OpenID Connect, else the kind."""

    kind: str
    slug: str
    name: str
    client_id: str
    secret: str = field(repr=False)
    issuer: str = ""
    is_trusted: bool = False  # its word counts that an e-mail was proved
    hosts: tuple[str, ...] = ()
    endpoints: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.issuer or self.kind

    @property
    def icon(self) -> str:
        return "facebook" if self.kind == "facebook" else "openid"


def list_providers() -> list[Provider]:
    """Every configured service, in the order of the buttons; the settings come before the admin."""
    found = [
        Provider(**{name: value for name, value in entry.items() if name != "trusted"}, is_trusted=entry["trusted"])
        for entry in settings.SIGN_IN_PROVIDERS
    ]
    taken = {one.slug for one in found} | {one.key for one in found}
    for row in SignInProvider.objects.filter(is_on=True).order_by("name", "pk"):
        if row.slug not in taken and row.issuer not in taken:
            found.append(_of_row(row))
    return sorted(found, key=lambda one: ORDER[one.kind])


def _of_row(row: SignInProvider) -> Provider:
    try:
        secret = unseal(row.secret)
    except InvalidToken:  # SECRET_KEY was changed: the service refuses us, and the admin asks for the secret again
        secret = ""
    hosts = (urlsplit(row.issuer).netloc, *row.hosts.split())
    return Provider("openid", row.slug, row.name, row.client_id, secret, row.issuer, row.is_trusted, hosts)


def find_provider(slug: str) -> Provider:
    """The service with this short name. Refuses `not_found`."""
    found = next((one for one in list_providers() if one.slug == slug), None)
    if found is None:
        raise not_found()
    return found


def find_by_key(key: str) -> Provider | None:
    """The service whose people are kept under `key`, while it is configured."""
    return next((one for one in list_providers() if one.key == key), None)


def list_hosts() -> set[str]:
    """Every host that the outgoing door opens for sign-in."""
    return {host for one in list_providers() for host in one.hosts}
