"""A practitioner's photo: taken apart and made anew, seen by everybody, gone when it is removed."""

import io
import re
import struct
import zlib
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image

from app.models import PractitionerPhoto
from app.services.core.errors import Invalid
from app.services.practice import photos
from tests.support.pictures import BLUE, RED, picture
from tests.support.proofs import Pages
from tests.support.world import PASSWORD, World


def _claims(width: int, height: int) -> bytes:
    """A PNG whose head says that it is so large."""
    head = b"IHDR" + struct.pack(">II5B", width, height, 8, 6, 0, 0, 0)
    body = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + struct.pack(">I", 400) + b"IDAT"
    return b"\x89PNG\r\n\x1a\n" + body + b"\0" * 400


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def _is_near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_a_square_of_the_middle_in_two_sizes(kind: str) -> None:
    small, large = (_opened(each) for each in photos.squares(picture(kind=kind)))
    assert [(each.format, each.size) for each in (small, large)] == [("WEBP", (144, 144)), ("WEBP", (384, 384))]
    assert _is_near(large.getpixel((190, 40)), RED)
    assert _is_near(large.getpixel((190, 340)), BLUE)


def test_nothing_that_the_camera_wrote_into_it_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home, 12 Moi Avenue"
    exif.get_ifd(0x8825)[1] = "S"  # where it was taken
    sent = picture(exif=exif, icc_profile=b"a profile of nobody", comment=b"written by hand")
    for made in photos.squares(sent):
        assert dict(_opened(made).getexif()) == {}
        assert not any(word in made for word in (b"Moi", b"profile", b"written"))


def test_a_photo_taken_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down, says the camera
    large = _opened(photos.squares(picture(exif=exif))[1])
    assert _is_near(large.getpixel((190, 40)), BLUE)


def test_what_is_transparent_is_white() -> None:
    packed = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(packed, "PNG")
    assert _is_near(_opened(photos.squares(packed.getvalue())[0]).getpixel((70, 70)), (255, 255, 255))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "photo_missing"),
        (b"\xff\xd8\xff" + b"0" * 5_242_878, "photo_size"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo_type"),
        (b"%PDF-1.7\n%%EOF", "photo_type"),
        (b"GIF89a" + b"\0" * 200, "photo_type"),
        (picture()[:2_000], "photo_type"),
        (picture(kind="PNG")[:600], "photo_type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "photo_type"),
        (picture(kind="WEBP")[:-200] + b"\0" * 40, "photo_type"),
        (picture((95, 400)), "photo_small"),
        (picture((4_001, 4_000), "PNG"), "photo_pixels"),
        (_claims(20_000, 20_000), "photo_pixels"),  # more than a gigabyte, were it unpacked
        (_claims(100_000, 1_000), "photo_pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_photo_is_refused_with_what_is_wrong(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        photos.squares(content)
    assert (refused.value.code, refused.value.field) == (code, "photo")


def _send(pages: Pages, content: bytes) -> Any:
    return pages.post("/practice/profile/photo", {"photo": (content, "me.jpg")}, page="/practice/profile")


def _shown(text: str) -> list[str]:
    return re.findall(r'<img class="avatar[^>]* src="(/photos/[^"]+)"', re.sub(r"\s+", " ", text))


def test_the_photo_is_in_the_list_on_the_page_beside_the_times_and_beside_bookings(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    world.booked(client, service)
    assert _send(Pages(world, owner), picture()).status_code == 303
    theirs, address = Pages(world, client), "/practitioners/dr-amina-otieno"
    places = ["/practitioners", f"/services/{service}", "/bookings"]
    small = {url for place in places for url in _shown(theirs.get(place).text)}
    [large] = _shown(theirs.get(address).text)
    assert small == {large.replace("/large/", "/small/")}
    answer = world.app.test_client().get(large)
    assert (answer.status_code, answer.content_type, _opened(answer.data).size) == (200, "image/webp", (384, 384))
    assert answer.headers["Cache-Control"] == "public, immutable, max-age=31536000"
    assert "Set-Cookie" not in answer.headers
    assert client.get("/practitioners/dr-amina-otieno").json["photo"].endswith(large)


def test_another_photo_has_another_address_and_a_removed_one_none(world: World) -> None:
    owner, stranger = world.practitioner(), world.app.test_client()
    pages = Pages(world, owner)
    _send(pages, picture())
    [first] = _shown(pages.get("/practice/profile").text)
    _send(pages, picture(kind="PNG"))
    [second] = _shown(pages.get("/practice/profile").text)
    assert first != second
    assert [stranger.get(each).status_code for each in (first, second)] == [404, 200]
    pages.post("/practice/profile/photo/remove", page="/practice/profile")
    assert stranger.get(second).status_code == 404
    assert _shown(pages.get("/practice/profile").text) == []
    assert world.all(PractitionerPhoto) == []
    assert owner.get("/practitioners/dr-amina-otieno").json["photo"] is None


def test_a_photo_that_cannot_be_taken_says_so_beside_its_field_and_the_old_one_stays(world: World) -> None:
    pages = Pages(world, world.practitioner())
    _send(pages, picture())
    before = _shown(pages.get("/practice/profile").text)
    answer = _send(pages, b"words")
    assert answer.status_code == 422
    assert "this file is a different type or incomplete" in answer.text
    assert 'value="Dr. Amina Otieno"' in answer.text
    assert _shown(answer.text) == before


def test_a_practitioners_export_has_the_photo(world: World) -> None:
    owner = world.practitioner()
    _send(Pages(world, owner), picture())
    answer = owner.post("/me/export", {"password": PASSWORD})
    with ZipFile(io.BytesIO(answer.data)) as found:
        assert _opened(found.read("files/photo.webp")).size == (384, 384)
    answer.close()  # as a server does
