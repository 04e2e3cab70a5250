"""A colour of somebody's own: whether it can be read on our pages, light and dark, and the others that go with it (WCAG 1.4.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WRITTEN = re.compile(r"#[0-9a-f]{6}")
_LEAST = 4.5  # the contrast that text needs
# The grounds of kikao.css on which links, buttons and badges stand.
LIGHT = ("#fffdf8", "#faf5ec", "#f2eadc")
DARK = ("#182723", "#111d1a", "#0d1715")
_STEPS = 50


@dataclass(frozen=True)
class Palette:
    """What the stylesheet calls brand, brand-hover, on-brand and tint, for one of its two modes."""

    brand: str
    hover: str
    on_brand: str
    tint: str


def is_colour(text: str) -> bool:
    """Whether it is one as we write it: #0f5c50."""
    return _WRITTEN.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Between 1 and 21, as WCAG reckons it."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def is_readable(colour: str) -> bool:
    """Whether text in it can be read on every ground of the light pages, its own tint too."""
    return all(contrast(colour, ground) >= _LEAST for ground in (*LIGHT, _tint(colour, LIGHT[0])))


def nearest_readable(colour: str) -> str:
    """The colour itself, or so much darker as it needs to be."""
    return next(each for each in _towards(colour, "#000000") if is_readable(each))


def light(colour: str) -> Palette:
    """The colour on light pages; it is readable there."""
    return Palette(colour, _mixed(colour, "#000000", 0.25), LIGHT[0], _tint(colour, LIGHT[0]))


def dark(colour: str) -> Palette:
    """The colour on dark pages: as bright as it has to be there."""
    brand = next(each for each in _towards(colour, "#ffffff") if _is_readable_in_the_dark(each))
    return Palette(brand, _mixed(brand, "#ffffff", 0.3), DARK[2], _tint(brand, DARK[0]))


def _is_readable_in_the_dark(colour: str) -> bool:
    return all(contrast(colour, ground) >= _LEAST for ground in (*DARK, _tint(colour, DARK[0])))


def _towards(colour: str, end: str) -> Iterator[str]:
    return (_mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))


def _tint(colour: str, ground: str) -> str:
    return _mixed(ground, colour, 0.12)


def _mixed(one: str, other: str, share: float) -> str:
    """So much of the other in the one."""
    parts = (round(a + (b - a) * share) for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
