"""What people may send: a proof, a picture or PDF known by its content and never by its name; a picture that is made anew."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.core.errors import Invalid, Problem

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

LIMIT = 5 * 1024 * 1024
_STEM = 40  # characters of the payer's own name that stay in the name
_TAIL = 4096  # cameras and scanners append a little after the end
# Pixels that are unpacked of a picture, by what Pillow calls its kind: a JPEG is made smaller meanwhile, others are not.
_MOST = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}


@dataclass(frozen=True)
class _Kind:
    media_type: str
    extension: str
    is_it: Callable[[bytes], bool]


def _is_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and b"IEND\xaeB`\x82" in content[-_TAIL:]


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[3:][-_TAIL:]


def _is_webp(content: bytes) -> bool:
    # The length that stands in front is that of everything after it, padded to an even number.
    stated = int.from_bytes(content[4:8], "little") + 8
    return content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8" and 0 <= len(content) - stated <= 1


def _is_pdf(content: bytes) -> bool:
    return re.match(rb"%PDF-\d\.\d", content) is not None and b"%%EOF" in content[-_TAIL:]


_KINDS = (
    _Kind("image/png", "png", _is_png),
    _Kind("image/jpeg", "jpg", _is_jpeg),
    _Kind("image/webp", "webp", _is_webp),
    _Kind("application/pdf", "pdf", _is_pdf),
)


def media_type(content: bytes) -> str:
    """What the content is. Raises Invalid (proof_missing, proof_size, proof_type)."""
    if not content:
        raise Invalid("proof_missing", field="file")
    if len(content) > LIMIT:
        raise Invalid("proof_size", field="file", most=LIMIT // 1024**2)
    found = next((kind.media_type for kind in _KINDS if kind.is_it(content)), None)
    if found is None:
        raise Invalid("proof_type", field="file")
    return found


def clean_name(name: str, media: str) -> str:
    """A short name that no file system, header or page can misread, with the ending that its content has."""
    last = re.split(r"[/\\]", name)[-1]
    stem = re.sub(r"[^A-Za-z0-9]+", "-", last.rpartition(".")[0] or last)[:_STEM].strip("-")
    extension = next(kind.extension for kind in _KINDS if kind.media_type == media)
    return f"{stem or 'proof'}.{extension}"


# ------------------------------------------------------------------------------------------------ pictures


def picture(content: bytes, *, field: str, least: int, side: int) -> "Picture":
    """The picture that was sent, upright, in colours with transparency, of `side` pixels or more: only to be encoded anew.

    Raises Invalid (photo_missing, photo_size, photo_type, photo_small, photo_pixels) beside `field`.
    """
    if not content:
        raise Invalid("photo_missing", field=field)
    if len(content) > LIMIT:
        raise Invalid("photo_size", field=field, most=LIMIT // 1024**2)
    from PIL import Image  # noqa: PLC0415  (large, and needed here alone)

    try:
        return _unpacked(content, field, least, side)
    except Problem:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # more than Pillow opens at all
        raise _too_many("JPEG", field) from error
    except Exception as error:  # of broken files Pillow says it in a dozen ways
        raise Invalid("photo_type", field=field) from error


def _unpacked(content: bytes, field: str, least: int, side: int) -> "Picture":
    from PIL import Image, ImageOps  # noqa: PLC0415

    with Image.open(io.BytesIO(content), formats=list(_MOST)) as sent:
        if min(sent.size) < least:
            raise Invalid("photo_small", field=field, least=least)
        if sent.width * sent.height > _MOST[str(sent.format)]:
            raise _too_many(str(sent.format), field)
        sent.draft("RGB", (2 * side, 2 * side))
        return ImageOps.exif_transpose(sent).convert("RGBA")


def _too_many(kind: str, field: str) -> Invalid:
    return Invalid("photo_pixels", field=field, most=_MOST[kind] // 1_000_000)


def encoded(made: "Picture", kind: str, quality: int = 82) -> bytes:
    """The picture as a file of this kind (WEBP, PNG), with nothing said in it but the picture."""
    packed = io.BytesIO()
    made.save(packed, kind, **({"quality": quality, "method": 4} if kind == "WEBP" else {"optimize": True}))
    return packed.getvalue()
