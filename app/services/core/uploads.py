"""What a proof may be: a picture or a PDF, known by its content and never by its name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.services.core.errors import Invalid

LIMIT = 5 * 1024 * 1024
_STEM = 40  # characters of the payer's own name that stay in the name
_TAIL = 4096  # cameras and scanners append a little after the end


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
