"""Pictures that people might send."""

import io
from typing import Any

from PIL import Image

RED = (200, 30, 30)
BLUE = (30, 30, 200)


def picture(size: tuple[int, int] = (600, 900), kind: str = "JPEG", **options: Any) -> bytes:
    """Red, and blue in its lower half."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (0, size[1] // 2, size[0], size[1]))
    packed = io.BytesIO()
    made.save(packed, kind, **options)
    return packed.getvalue()
