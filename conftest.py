"""The cast of every test: alice, bob, carol, dave, eve, sam, nik, pia and ada, built by the product's own actions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.models import Account, Membership, User
from accounts.testing import PASSWORD, make_agent, make_member, make_officer, make_owner, make_texts, make_user

pytest_plugins = ["tests.browser", "tests.json_witness", "tests.openid", "tests.promises.plugin"]


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Django's test client makes the middleware anew for each browser, and WhiteNoise then lists every static file."""
    listed: dict[str, Any] = {}
    make_list = WhiteNoiseMiddleware.add_files_from_finders

    def list_once(middleware: WhiteNoiseMiddleware) -> None:
        if not listed:
            make_list(middleware)
            listed.update(middleware.files)
        middleware.files.update(listed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", list_once)
        yield


@pytest.fixture(autouse=True)
def _quick_and_clean(settings: Any, request: pytest.FixtureRequest) -> None:
    """Rate limits start at zero, and passwords are hashed fast unless a test is marked `real_hasher`."""
    cache.clear()
    if "real_hasher" not in request.keywords:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def texts(db: None) -> list[Any]:
    """Policy and terms in force."""
    return make_texts()


@pytest.fixture
def alice(texts: list[Any]) -> User:
    """Owner of Acme Bikes."""
    return make_owner(
        email="alice@acme-bikes.example",
        name="Alice",
        surname="Example",
        company="Acme Bikes",
        website="https://acme-bikes.example",
    )


@pytest.fixture
def acme(alice: User) -> Account:
    """Alice's company."""
    return Account.objects.get(memberships__user=alice)


@pytest.fixture
def alice_member(alice: User) -> Membership:
    """Alice's place in Acme Bikes."""
    return Membership.objects.select_related("account", "user").get(user=alice)


@pytest.fixture
def bob_member(acme: Account) -> Membership:
    """Bob's place in Acme Bikes."""
    return make_member(acme, email="bob@acme-bikes.example", name="Bob", surname="Builder")


@pytest.fixture
def bob(bob_member: Membership) -> User:
    """Operator of Acme Bikes."""
    return bob_member.user


@pytest.fixture
def carol(texts: list[Any]) -> User:
    """Owner of another account, Carol's Cakes."""
    return make_owner(
        email="carol@cakes.example",
        name="Carol",
        surname="Other",
        company="Carol's Cakes",
        website="https://cakes.example",
    )


@pytest.fixture
def cakes(carol: User) -> Account:
    """Carol's company."""
    return Account.objects.get(memberships__user=carol)


@pytest.fixture
def carol_member(carol: User) -> Membership:
    """Carol's place in her company."""
    return Membership.objects.select_related("account", "user").get(user=carol)


@pytest.fixture
def dave(acme: Account) -> Any:
    """A visitor of Acme Bikes' website who opened the chat."""
    from chat.testing import make_visitor

    return make_visitor(acme, name="Dave")


@pytest.fixture
def eve(db: None) -> User:
    """A person with a login and no account: nobody's operator."""
    return make_user(email="eve@specimen.example", name="Eve", surname="Nobody")


@pytest.fixture
def sam(db: None) -> User:
    """Our own staff without any role, and no administrator."""
    from accounts.actions import register_staff

    return register_staff(email="sam@livechat.example", password=PASSWORD, name="Sam", surname="Support")


@pytest.fixture
def nik(db: None) -> User:
    """Support agent: our own staff with that role, a second factor and a public name."""
    return make_agent(email="nik@livechat.example")


@pytest.fixture
def pia(db: None) -> User:
    """Privacy officer: our own staff with that role and a second factor."""
    return make_officer(email="pia@livechat.example")


@pytest.fixture
def ada(db: None) -> User:
    """Administrator: our own staff with every right in the admin."""
    from accounts.actions import register_staff

    return register_staff(
        email="ada@livechat.example", password=PASSWORD, name="Ada", surname="Admin", administrator=True
    )


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which a person is logged in: `client_of(alice).get(...)`."""

    def sign_in(user: User) -> Client:
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    return sign_in


@pytest.fixture
def closed_sockets(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The people whose sockets the web process was told to close, in order; read where that word leaves this one."""
    from core import realtime

    told: list[int] = []

    def leave(item: dict[str, Any]) -> None:
        if item.get("control") == "close_user":
            told.append(item["ids"]["user"])

    monkeypatch.setattr(realtime.buses, "send_from_outside", leave)
    return told


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    """`with commits():` runs what waits for the commit at its end, as a real transaction would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_hasher: passwords are hashed as on a real site")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each of the processes of pytest-xdist begins with some of the long tests; the others follow in their order."""
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    share = -(-len(rest) // workers)
    items[:] = [
        item for place in range(workers) for item in (*long[place::workers], *rest[place * share : (place + 1) * share])
    ]
