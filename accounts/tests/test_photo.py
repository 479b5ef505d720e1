"""Photos: cleaned and upright, bombs refused from the header, served behind the wall, gone when removed."""

import io
import os
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import actions, photo_files, photos, queries
from accounts.models import ProfileChange, User
from accounts.testing import make_member, make_public
from accounts.tests.pictures import SECRET, bad_pictures, gif_of, phone_photo, plain
from audit.models import Entry
from core.errors import Refused

pytestmark = pytest.mark.django_db
BAD = bad_pictures()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(scope="module")
def phone():
    return phone_photo()


def files_of(media):
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def stored(key, size):
    return Image.open(io.BytesIO(photo_files.read(key, size)))


@pytest.mark.promise("photos_are_clean")
def test_the_photo_of_a_phone_is_upright_small_and_says_nothing(alice, phone, media):
    assert b"NeedlePhone" in phone and SECRET in phone
    key = actions.set_photo(user=alice, data=phone)
    picture = stored(key, 512)
    assert picture.format == "JPEG" and picture.size == (384, 512)
    red, blue = picture.getpixel((190, 20)), picture.getpixel((190, 490))
    assert red[0] > 200 > red[2] and blue[2] > 200 > blue[0]
    assert stored(key, 96).size == (96, 96)
    for size in photo_files.SIZES:
        data = photo_files.read(key, size)
        assert not stored(key, size).getexif() and b"Exif" not in data and b"Needle" not in data and SECRET not in data
        assert "comment" not in stored(key, size).info and "icc_profile" not in stored(key, size).info
    assert files_of(media) == sorted([f"{key}-512.jpg", f"{key}-96.jpg"])
    assert Entry.objects.filter(action="photo.changed").count() == 1
    assert [change.what for change in ProfileChange.objects.filter(user=alice)] == ["photo.changed"]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_refused_by_its_name(alice, media, name):
    code, data = BAD[name]
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        actions.set_photo(user=alice, data=data)
    assert refused.value.code == code and time.monotonic() - began < 5
    assert str(refused.value.message).endswith(".") and str(media) not in str(refused.value.message)
    alice.refresh_from_db()
    assert alice.photo_key == "" and files_of(media) == []


def test_a_bomb_is_refused_from_its_header_without_being_opened():
    for name in ("bomb of 90 megapixels", "claims 4 gigapixels"):
        photos.clean(BAD[name][1])
        began = time.process_time()
        assert photos.clean(BAD[name][1]) == {"code": "too_many_pixels"}
        assert time.process_time() - began < 0.005


@pytest.mark.parametrize(
    "data",
    [plain(kind="PNG"), plain(kind="WEBP"), plain(kind="GIF", mode="P"), gif_of(500), plain(mode="CMYK"),
     plain(mode="L"), plain(kind="PNG", mode="RGBA"), plain(kind="PNG", mode="LA"), plain(kind="PNG", mode="I;16"),
     plain((16, 160), "PNG"), plain((5000, 5000), "PNG", "L"), plain((5000, 5000), "WEBP")],
    ids=["png", "webp", "gif", "500 frames", "cmyk", "grey", "alpha", "grey with alpha", "16 bit", "10:1",
         "25 megapixels", "25 megapixels of webp"],
)  # fmt: skip
def test_every_kind_of_picture_is_taken_up_to_the_limits(alice, data):
    key = actions.set_photo(user=alice, data=data)
    assert stored(key, 512).format == "JPEG" and max(stored(key, 512).size) <= 512
    assert SECRET not in photo_files.read(key, 512)


def test_broken_camera_data_does_not_cost_the_photo(alice):
    good = phone_photo()
    place = good.index(b"Exif\0\0") + 6
    broken = good[:place] + b"\xff" * 40 + good[place + 40 :]
    assert actions.set_photo(user=alice, data=broken)


@pytest.mark.promise("photo_is_gone")
def test_removing_removes_every_rendition_at_once(alice, client_of, media, commits):
    key = actions.set_photo(user=alice, data=plain())
    browser = client_of(alice)
    address = f"/app/photos/{key}/96/"
    assert browser.get(address).status_code == 200
    with commits():
        browser.post("/app/profile/photo/remove/")
    assert files_of(media) == []
    assert browser.get(address).status_code == 404
    alice.refresh_from_db()
    assert alice.photo_key == "" and Entry.objects.filter(action="photo.removed").count() == 1
    assert actions.remove_photo(user=alice) is False


@pytest.mark.promise("photo_is_gone")
def test_in_public_it_is_shown_under_a_name_and_gone_for_everybody_at_once(alice, client, media, commits):
    key = actions.set_photo(user=alice, data=plain())
    address = f"/members/photo/{key}/"
    assert client.get(address).status_code == 404  # her team and her visitors see it; the public does not know her
    make_public(alice)
    assert queries.public_person(alice).photo_url == address
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, max-age=60")
    with commits():
        actions.remove_photo(user=alice)
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 404
    assert queries.public_people([alice.pk])[alice.pk].photo_url is None


def test_whoever_leaves_is_not_shown_while_they_can_still_come_back(alice, client):
    key = actions.set_photo(user=alice, data=plain())
    make_public(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(f"/members/photo/{key}/").status_code == 404


def test_a_removal_that_a_crash_cut_off_is_finished_within_the_minute(alice, media):
    key = actions.set_photo(user=alice, data=plain())
    actions.remove_photo(user=alice)  # the test's transaction does not commit, as in a process that died after its own
    assert len(files_of(media)) == 3 and actions.finish_removals() == 0  # not yet: its own process may be at it
    old = time.time() - 30
    os.utime(media / "photos" / "going" / key, (old, old))
    assert actions.finish_removals() == 1 and files_of(media) == []


def test_a_removal_that_was_taken_back_leaves_the_photo(alice, media):
    key = actions.set_photo(user=alice, data=plain())
    photo_files.announce_removal(key)
    old = time.time() - 30
    os.utime(media / "photos" / "going" / key, (old, old))
    assert actions.finish_removals() == 0
    assert files_of(media) == sorted([f"{key}-512.jpg", f"{key}-96.jpg"])


def test_a_new_photo_replaces_the_old_files(alice, media, commits):
    with commits():
        first = actions.set_photo(user=alice, data=plain())
        second = actions.set_photo(user=alice, data=plain((100, 100)))
    assert first != second and {name[:22] for name in files_of(media)} == {second}


def test_the_team_sees_it_and_nobody_else(alice, bob, carol, eve, client_of, client):
    key = actions.set_photo(user=alice, data=plain())
    for size in photo_files.SIZES:
        address = f"/app/photos/{key}/{size}/"
        for person in (alice, bob):
            assert client_of(person).get(address).status_code == 200
        for person in (carol, eve):
            assert client_of(person).get(address).status_code == 404
        assert client.get(address).status_code == 302
    for wrong in (f"/app/photos/{key}/100/", f"/app/photos/{'x' * 22}/96/", "/app/photos/..%2f..%2fsecret_key/96/"):
        assert client_of(alice).get(wrong).status_code == 404


def test_it_is_served_so_that_it_can_do_nothing(alice, client_of):
    key = actions.set_photo(user=alice, data=plain())
    browser = client_of(alice)
    answer = browser.get(f"/app/photos/{key}/512/")
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, max-age=60"
    again = browser.get(f"/app/photos/{key}/512/", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304 and not again.content


def test_visitors_see_only_the_small_one_of_who_works_there(alice, eve, client):
    key = actions.set_photo(user=alice, data=plain())
    answer = client.get(f"/widget/photo/{key}/")
    assert answer.status_code == 200 and answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Image.open(io.BytesIO(answer.content)).size[0] <= 96
    nobodys = actions.set_photo(user=eve, data=plain())
    assert client.get(f"/widget/photo/{nobodys}/").status_code == 404
    assert client.get(f"/widget/photo/{'y' * 22}/").status_code == 404


def test_the_page_takes_a_photo_and_says_what_is_wrong(alice, client_of):
    browser = client_of(alice)
    file = SimpleUploadedFile("me.exe", plain(), "application/octet-stream")  # judged by content
    assert browser.post("/app/profile/photo/", {"photo": file}).status_code == 302
    alice.refresh_from_db()
    page = browser.get("/app/profile/").content.decode()
    assert f"/app/photos/{alice.photo_key}/96/" in page and "Remove photo" in page
    bad = browser.post("/app/profile/photo/", {"photo": SimpleUploadedFile("me.jpg", b"no picture", "image/jpeg")})
    assert bad.status_code == 400 and "This is no JPEG" in bad.content.decode()
    assert browser.post("/app/profile/photo/").status_code == 400
    assert browser.get("/app/profile/photo/").status_code == 405


def test_the_page_needs_the_token_of_its_form(alice):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post("/app/profile/photo/", {"photo": SimpleUploadedFile("a.jpg", plain())}).status_code == 403


def test_without_a_photo_there_are_initials(alice, client_of):
    page = client_of(alice).get("/app/profile/").content.decode()
    assert "/app/photos/" not in page and ">AE</span>" in page and "Remove photo" not in page


def put_photo(browser, data, **headers):
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    body = encode_multipart(BOUNDARY, {"photo": SimpleUploadedFile("x", data)})
    return browser.put("/api/v1/me/photo/", body, content_type=MULTIPART_CONTENT, headers=headers)


def test_the_api_sets_and_removes_it(alice, client_of, media, commits):
    browser = client_of(alice)
    answer = put_photo(browser, plain())
    alice.refresh_from_db()
    assert answer.status_code == 200 and answer.json()["url"].endswith(f"/app/photos/{alice.photo_key}/512/")
    with commits():
        removed = browser.delete("/api/v1/me/photo/")
    assert removed.status_code == 200 and removed.json() == {"url": ""} and files_of(media) == []


@pytest.mark.parametrize("name", ["nothing", "text", "cut", "one dot", "a pole", "claims 4 gigapixels", "501 frames",
                                  "over 10 MiB"])  # fmt: skip
def test_the_api_names_what_is_wrong(alice, client_of, name):
    code, data = BAD[name]
    answer = put_photo(client_of(alice), data)
    assert 400 <= answer.status_code < 500 and answer.json()["code"] == code and answer.json()["message"]


def test_the_api_without_a_file_says_so(alice, client_of):
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    body = encode_multipart(BOUNDARY, {"other": "x"})
    answer = client_of(alice).put("/api/v1/me/photo/", body, content_type=MULTIPART_CONTENT)
    assert answer.status_code == 400 and answer.json()["code"] == "empty_file"


def test_no_file_without_a_row_and_no_row_without_a_file(alice, monkeypatch, media):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(Refused) as refused:
        actions.set_photo(user=alice, data=plain())
    monkeypatch.undo()
    assert refused.value.code == "no_space" and refused.value.status == 503 and files_of(media) == []
    assert User.objects.get(pk=alice.pk).photo_key == ""


def test_a_file_that_a_dead_process_left_is_swept(alice, settings, tmp_path):
    import os

    settings.MEDIA_ROOT = tmp_path / "swept"
    mine, stray, young = actions.set_photo(user=alice, data=plain()), "s" * 22, "y" * 22
    for key in (stray, young):
        photo_files.store(key, {512: b"x", 96: b"x"})
    for key in (mine, stray):
        for size in photo_files.SIZES:
            os.utime(photo_files.path_of(key, size), (1, 1))
    assert actions.sweep_photos() == 1
    assert photo_files.read(mine, 96) and photo_files.read(young, 96) and photo_files.read(stray, 96) is None


def test_a_member_without_a_photo_and_one_with_stand_in_the_team_list(alice, acme, client_of):
    key = actions.set_photo(user=alice, data=plain())
    make_member(acme)
    assert f"/app/photos/{key}/96/" in client_of(alice).get("/app/team/").content.decode()
