"""Files people show for a payment, whole and small, and the call that shows them."""

import re
import struct
import zlib
from typing import Any

from werkzeug.test import TestResponse

from tests.support.world import PASSWORD, Caller, World


def png(pixels: int = 1) -> bytes:
    """A white picture of so many pixels in a row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", pixels, 1, 8, 0, 0, 0, 0)
    row = zlib.compress(b"\x00" + b"\xff" * pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


PNG = png()
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x55" * 200 + b"\xff\xd9"
_VP8 = b"WEBPVP8L" + struct.pack("<I", 6) + b"\x2f\x00\x00\x00\x10\x00"
WEBP = b"RIFF" + struct.pack("<I", len(_VP8)) + _VP8
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


_KIND = "multipart/form-data; boundary=kikao"


def multipart(fields: dict[str, Any]) -> bytes:
    """A form's body, the same each time: text as it is, a file as (content, name)."""
    parts = []
    for name, value in fields.items():
        content, file_name = value if isinstance(value, tuple) else (str(value).encode(), "")
        ending = f'; filename="{file_name}"' if file_name else ""
        parts.append(f'--kikao\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'.encode() + content)
    return b"\r\n".join([*parts, b"--kikao--\r\n"])


def show(
    client: Caller,
    checkout_id: str,
    content: bytes = PNG,
    name: str = "receipt.png",
    note: str = "",
    key: str | None = None,
) -> TestResponse:
    """POST /checkouts/{id}/proof."""
    headers = {"Authorization": f"Bearer {client.token}"} | ({"Idempotency-Key": key} if key else {})
    body = multipart({"file": (content, name), "note": note})
    return client.http.post(f"/api/v1/checkouts/{checkout_id}/proof", data=body, content_type=_KIND, headers=headers)


def shown(client: Caller, checkout_id: str, **more: Any) -> str:
    """The same, which must be taken: the proof's id."""
    answer = show(client, checkout_id, **more)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert answer.json["status"] == "waiting"
    return str(answer.json["id"])


def verify(caller: Caller, booking_id: str, accept: bool, **words: str) -> TestResponse:
    """POST /bookings/{id}/verify-payment."""
    return caller.post(f"/bookings/{booking_id}/verify-payment", {"accept": accept, **words})


class Pages:
    """One person's browser without script, logged in."""

    def __init__(self, world: World, caller: Caller) -> None:
        self.http = world.app.test_client()
        self.post("/login", {"email": world.email(caller), "password": PASSWORD}, page="/login")

    def get(self, path: str) -> TestResponse:
        """The page."""
        return self.http.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str = "/profile") -> TestResponse:
        """A form of ours, sent with the token of one of our pages; a file is (content, name)."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.http.get(page).text)
        assert found, f"no token on {page}"
        return self.http.post(path, data=multipart({"csrf_token": found[1], **(data or {})}), content_type=_KIND)
