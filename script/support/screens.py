"""script/screens: the browser's tests take pictures of what they look at, and a page shows them beside each other."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path

from PIL import Image

from script.support.settings import ROOT

_TARGET = ROOT / "docs" / "screens"
_TALLEST = 4_000  # pixels, of which a picture shows no more
_QUALITY = 55
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:24px;background:#e9e2d6;color:#222}
section div{display:flex;gap:16px;overflow-x:auto;align-items:start}
figure{margin:0;flex:none}img{width:240px;border:1px solid #bbb;border-radius:8px}img.wide{width:480px}"""


def main() -> int:
    """The code of the tests that took the pictures."""
    with tempfile.TemporaryDirectory(prefix="kikao-screens-") as directory:
        environ = os.environ | {"KIKAO_SHOTS": directory, "KIKAO_SCREENS": "all"}
        command = [str(ROOT / "script" / "test"), *(sys.argv[1:] or ["tests/browser"])]
        code = subprocess.run(command, env=environ, check=False).returncode
        _TARGET.mkdir(parents=True, exist_ok=True)
        for old in _TARGET.glob("*.webp"):
            old.unlink()
        pictures = [_smaller(picture) for picture in sorted(Path(directory).glob("*.png"))]
    (_TARGET / "index.html").write_text(_page(pictures), encoding="utf-8")
    print(f"{len(pictures)} pictures: {_TARGET / 'index.html'}")
    return code


def _smaller(picture: Path) -> Path:
    target = _TARGET / f"{picture.stem}.webp"
    with Image.open(picture) as image:
        image.crop((0, 0, image.width, min(image.height, _TALLEST))).save(target, quality=_QUALITY)
    return target


def _page(pictures: Iterable[Path]) -> str:
    """All of them, a row for each state."""
    rows = groupby(pictures, key=lambda each: each.name.partition(".")[0])
    states = (
        f"<section><h2>{escape(state)}</h2><div>{''.join(map(_figure, each))}</div></section>" for state, each in rows
    )
    return f'<!doctype html><meta charset="utf-8"><title>Kikao</title><style>{_STYLE}</style>{"".join(states)}'


def _figure(picture: Path) -> str:
    wide = ' class="wide"' if ".1280." in picture.name else ""
    look = " ".join(picture.stem.split(".")[1:])
    return (
        f'<figure><img{wide} loading="lazy" src="{picture.name}" alt="{look}"><figcaption>{look}</figcaption></figure>'
    )


if __name__ == "__main__":
    sys.exit(main())
