"""A member reads, takes, corrects, takes back and erases everything, in a real browser, with real workers and mails."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.tests.pictures import phone_photo
from tests.walks.house import House, link_in, running_house
from tests.walks.remains import pack

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]
EMAIL, PASSWORD = "mona.needle@specimen.example", "a sentence about black tea"
QUESTION, ANSWER, TOPIC = "Where is needlerequest", "It went needleaside yesterday.", "Needletopic does not appear"
# what nobody but Mona has; her first name is corrected on the way
WORDS = [EMAIL, "Mona Needleson", "Monika Needleson", "needlemember", "needlerequest", "needleaside", "Needletopic"]

MAKE_MEMBER = """
import json
from accounts.testing import make_owner, make_public
from forum.testing import make_category
from notifications.models import Preference
user = make_owner(email=%(email)r, password=%(password)r, name="Mona", surname="Needleson", company="Needle Teas",
                  website="https://needle-teas.example")
make_public(user, "Needlemember")
print(json.dumps({"user": user.pk, "category": make_category(name="Set up the chat").slug}))
"""
LOOK = """
import json
from tests.walks.remains import find_remains, unpack
print(json.dumps(find_remains(unpack(%r))))
"""
CONSENT = """
import json
from policies.models import Receipt
from policies.queries import has_consent
one = Receipt.objects.get()
print(json.dumps([has_consent(one.subject, "marketing"), one.withdrawn_at is not None, one.withdrawn_by]))
"""


@pytest.fixture
def house(tmp_path: Path, browser: Any) -> Iterator[House]:
    with running_house(tmp_path) as found:
        yield found


def told(house: House, code: str) -> Any:
    """What a script on the site's own data prints last."""
    return json.loads(house.script(code).splitlines()[-1])


def log_in(page: Any) -> None:
    page.goto("/privacy/")
    page.get_by_role("link", name="I have a log-in").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("heading", name="Your data", exact=True).wait_for()


def leave_traces(page: Any, category: str, photo: Path) -> None:
    """A photo, a post, a request with a file, and a yes to news."""
    page.goto("/app/profile/")
    page.locator("input[type=file][name=photo]").set_input_files(photo)
    page.get_by_role("button", name="Use this photo").click()
    page.locator("img[src*='/app/photos/']").first.wait_for()
    page.goto(f"/forum/c/{category}/new/")
    page.get_by_label("Title").fill(TOPIC)
    page.get_by_label("Your question").fill("The console says that needletopic is blocked.")
    page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Post topic").click()
    page.get_by_role("heading", name=TOPIC).wait_for()
    page.goto("/forum/mine/")
    page.get_by_role("button", name="Remove my posts when I leave").click()
    page.get_by_text("Your posts go with you.", exact=True).wait_for()
    page.goto("/support/requests/new/")
    page.get_by_label("Subject").fill(QUESTION)
    page.get_by_label("What happened, and what did you expect?").fill(ANSWER)
    page.get_by_role("button", name="Send request").click()
    page.get_by_role("heading", name="We have your request").wait_for()
    page.goto("/app/preferences/")
    page.get_by_role("switch", name="Offers and news by e-mail").check()
    page.wait_for_load_state("networkidle")


def read_copy(house: House, page: Any, place: Path) -> dict[str, bytes]:
    """Asks for everything, follows the mail and answers what is in the file."""
    page.goto("/privacy/")
    page.get_by_role("button", name="Download all").click()
    page.get_by_text("It is ready: one ZIP file").wait_for(timeout=60_000)
    page.goto(link_in(house.mail(EMAIL, "Your copy is ready"), "/privacy/copies/"))
    with page.expect_download() as download:  # the log-in is fresh: nobody asks once more
        page.get_by_role("link", name="Download").click()
    download.value.save_as(place)
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def take_news_back(house: House, page: Any) -> None:
    """Takes the yes back where it stands, and it acts."""
    assert told(house, CONSENT) == [True, False, ""]
    page.goto("/privacy/")
    switch = page.get_by_role("switch", name="Offers and news by e-mail")
    assert switch.is_checked()
    switch.uncheck()
    page.get_by_text("Off since today").wait_for()
    page.goto("/privacy/")
    assert not page.get_by_role("switch", name="Offers and news by e-mail").is_checked()
    assert told(house, CONSENT) == [False, True, "site"]
    page.goto("/app/preferences/")
    assert not page.get_by_role("switch", name="Offers and news by e-mail").is_checked()


def erase(page: Any, place: Path) -> None:
    """The plan, the confirmation, and the certificate that comes without anybody's help."""
    page.goto("/privacy/")
    page.get_by_role("link", name="Erase my data").click()
    plan = page.get_by_role("table")
    for what in ("Your log-in", "What you wrote in the forum", "Your requests", "What you said yes to"):
        plan.get_by_text(what, exact=True).wait_for()
    page.get_by_role("button", name="Erase my data").click()
    page.get_by_text("This is not your password.").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("I know that this cannot be undone.").check()
    page.get_by_role("button", name="Erase my data").click()
    done = page.get_by_role("heading", name="Your data is erased")
    for _ in range(90):
        if done.count():
            break
        page.wait_for_timeout(700)
        page.reload()
    done.wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
    download.value.save_as(place)


def check(page: Any, certificate: Path) -> None:
    """Anybody can check the certificate, and sees when it was changed."""
    page.goto("/privacy/certificate/")
    page.get_by_label("or its file").set_input_files(certificate)
    page.get_by_role("button", name="Check").click()
    page.get_by_text("The signature fits").wait_for()
    page.get_by_text("accounts.User").wait_for()
    page.goto("/privacy/certificate/")
    page.get_by_label("Certificate").fill(certificate.read_text().replace("erasure", "nothing"))
    page.get_by_role("button", name="Check").click()
    page.get_by_text("it was changed").wait_for()


def test_a_member_takes_everything_corrects_takes_back_erases_and_nothing_is_left(
    house: House, browser: Any, tmp_path: Path
) -> None:
    made = told(house, MAKE_MEMBER % {"email": EMAIL, "password": PASSWORD})
    photo = tmp_path / "IMG_0042.jpg"
    photo.write_bytes(phone_photo())
    window = browser.new_context(base_url=house.origin, viewport={"width": 1440, "height": 900})
    page = window.new_page()
    page.set_default_timeout(30_000)
    log_in(page)
    leave_traces(page, made["category"], photo)
    assert told(house, LOOK % pack(WORDS[:1]))  # the search that must find nothing later finds her now

    page.goto("/privacy/")
    page.get_by_role("link", name="Correct Name").click()
    page.get_by_label("First name").fill("Monika")
    page.locator("form", has=page.get_by_label("First name")).get_by_role("button", name="Save").click()
    page.wait_for_load_state("networkidle")
    page.goto("/privacy/")
    page.get_by_role("cell", name="Monika", exact=True).wait_for()

    copy = read_copy(house, page, tmp_path / "copy.zip")
    text = copy["index.html"].decode()
    assert all(word in text for word in (EMAIL, "Monika", QUESTION, ANSWER, TOPIC))
    assert "needletopic is blocked" in copy["data/forum.Post.json"].decode()
    assert [data[:3] for name, data in copy.items() if name.startswith("files/accounts.User/")] == [b"\xff\xd8\xff"]
    page.goto("/privacy/")
    page.get_by_text("took a copy as a file").wait_for()

    take_news_back(house, page)
    erase(page, tmp_path / "certificate.json")
    stranger = browser.new_context(base_url=house.origin).new_page()
    check(stranger, tmp_path / "certificate.json")
    page.goto("/privacy/")
    page.get_by_role("heading", name="Without a log-in").wait_for()  # she is logged out

    assert told(house, LOOK % pack(WORDS)) == []
    window.close()
