"""Pictures of pages in the states that tests bring them into; none is taken unless somebody asks (`script/screens`)."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

_WIDTHS = (360, 1280)
_SCHEMES = ("light", "dark")
_OTHER = "ar"  # from right to left, in another script

# Everybody speaks this language meanwhile, as whoever serves the pages has it.
Speak = Callable[[str], AbstractContextManager[None]]


def take(page: Page, name: str, speak: Speak | None) -> None:
    """The whole page as it is, where KIKAO_SHOTS names a directory; with KIKAO_SCREENS in every width, scheme and two languages."""
    directory = os.environ.get("KIKAO_SHOTS")
    if not directory:
        return
    if not os.environ.get("KIKAO_SCREENS"):
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)
        return
    state = re.sub(r"-(light|dark)$", "", name)
    if (Path(directory) / f"{state}.360.light.en.png").exists():
        return  # the same state in the other scheme
    _in_all_looks(page, Path(directory), state, "en")
    if speak is not None and page.context.browser is not None:
        with speak(_OTHER):
            _elsewhere(page, page.context.browser, Path(directory), state)


def _elsewhere(page: Page, browser: Browser, directory: Path, state: str) -> None:
    """The same address and person in another language; what was half typed is not there."""
    context = browser.new_context(
        locale=_OTHER, storage_state=page.context.storage_state(), reduced_motion="reduce", viewport=page.viewport_size
    )
    other = context.new_page()
    other.goto(page.url)
    _in_all_looks(other, directory, state, _OTHER)
    context.close()


def _in_all_looks(page: Page, directory: Path, state: str, language: str) -> None:
    for width, scheme in _looks():
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=directory / f"{state}.{width}.{scheme}.{language}.png", full_page=True)
    page.set_viewport_size({"width": _WIDTHS[0], "height": 740})
    page.emulate_media(color_scheme="light")


def _looks() -> Iterator[tuple[int, str]]:
    yield from product(_WIDTHS, _SCHEMES)
