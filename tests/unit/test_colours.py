"""A house's own colour can be read wherever our pages write in it."""

import re

import pytest

from app.lib.papers import colours
from config import ROOT

GROUNDS = re.findall(r"--(paper|card|sunk): (#[0-9a-f]{6})", (ROOT / "app/static/kikao.css").read_text("utf-8"))


def test_the_contrast_of_black_and_white_and_of_a_grey_is_what_wcag_says() -> None:
    assert round(colours.contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(colours.contrast("#767676", "#ffffff"), 2) == 4.54


def test_the_grounds_are_those_of_the_stylesheet() -> None:
    assert len(GROUNDS) == 6
    assert {ground for _, ground in GROUNDS} == {*colours.LIGHT, *colours.DARK}


@pytest.mark.parametrize(
    "colour", ["#000000", "#0f5c50", "#7a1f5c", "#1b4f70", "#ffffff", "#f3c6dd", "#ffe600", "#00ff00"]
)
def test_whatever_somebody_likes_becomes_readable_in_light_and_dark(colour: str) -> None:
    light = colours.light(colours.nearest_readable(colour))
    dark = colours.dark(colour)
    for palette, grounds in ((light, colours.LIGHT), (dark, colours.DARK)):
        for words in (palette.brand, palette.hover):
            for ground in (*grounds, palette.tint):
                assert colours.contrast(words, ground) >= 4.5, (words, ground)
            assert colours.contrast(words, palette.on_brand) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert colours.is_readable("#7a1f5c")
    assert colours.nearest_readable("#7a1f5c") == "#7a1f5c"
    assert not colours.is_readable("#f3c6dd")


@pytest.mark.parametrize("text", ["", "red", "#FFF", "#0f5c5", "#0f5c500", "#0F5C50", "#0f5c50;}"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert not colours.is_colour(text)
