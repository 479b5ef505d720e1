"""The photo of a phone, from the file on the disk to the face in the sidebar, in a real browser."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from accounts.models import User
from accounts.tests.pictures import SECRET, phone_photo


def shown(page: Any) -> list[str]:
    """The addresses of our photos on the page, once each is drawn."""
    faces = page.locator("img[src*='/app/photos/']")
    drawn = "(images) => images.filter(i => i.complete && i.naturalWidth).map(i => i.src)"
    found: list[str] = faces.evaluate_all(drawn)
    return found


def test_the_photo_of_a_phone_is_upright_clean_and_gone_when_removed(
    page_at: Any, alice: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    file = tmp_path / "IMG_0042.jpg"
    file.write_bytes(phone_photo())
    page = page_at(1440, user=alice)
    page.goto("/app/profile/")
    assert shown(page) == []
    page.locator("input[type=file][name=photo]").set_input_files(file)
    page.get_by_role("button", name="Use this photo").click()
    page.locator("img[src*='/app/photos/']").first.wait_for()
    page.goto("/app/profile/")
    faces = shown(page)
    assert faces

    kept = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        data = path.read_bytes()
        assert SECRET not in data
        assert b"NeedlePhone" not in data
        picture = Image.open(io.BytesIO(data))
        assert not picture.getexif()
        above, below = (picture.convert("RGB").getpixel((picture.width // 2, y)) for y in (4, picture.height - 5))
        assert above[0] > 200 > 60 > above[2]  # red above: it stands upright
        assert below[2] > 200 > 60 > below[0]

    page.get_by_role("button", name="Remove photo").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Remove photo").click()
    page.wait_for_load_state("networkidle")
    page.goto("/app/profile/")
    assert shown(page) == []
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    answer = page.request.get(faces[0])
    assert answer.status == 404
