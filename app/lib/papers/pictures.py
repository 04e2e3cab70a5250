"""Pictures that are made of words."""

from markupsafe import Markup

_DOT = 5  # px


def qr(text: str) -> Markup:
    """The text as a picture that a phone's camera reads: dark on white, also on a dark page."""
    import segno  # noqa: PLC0415  (for who sets an app up)

    made = segno.make(text, micro=False)
    return Markup(made.svg_inline(scale=_DOT, dark="#000", light="#fff", svgclass=None, lineclass=None))  # noqa: S704  (of squares alone)
