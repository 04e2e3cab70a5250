"""What a PDF says, read back from its bytes: each font's own table turns glyphs into the characters they stand for."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_SHOWN = re.compile(
    rb"/F(\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) ?Tj|\[(.*?)\] ?TJ|\bET\b|(?<![^\s])[qQ](?![^\s])", re.DOTALL
)
_PART = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f]+)>", re.DOTALL)
_ESCAPED = re.compile(rb"\\([nrtbf()\\])", re.DOTALL)
_MEANT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(content: bytes) -> str:
    """Everything written in the PDF, in the order it was drawn; blanks are as the fonts have them."""
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    fonts = _fonts(objects)
    pages = [body for body in objects.values() if b"/Type /Page\n" in body]
    return "\n".join(_page(_stream(objects[_number(body, b"Contents")]), fonts) for body in pages)


def _number(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def _fonts(objects: dict[int, bytes]) -> dict[bytes, dict[bytes, str]]:
    named = {name: int(n) for body in objects.values() for name, n in re.findall(rb"/F(\d+) (\d+) 0 R", body)}
    return {name: _table(_stream(objects[_number(objects[n], b"ToUnicode")])) for name, n in named.items()}


def _table(stream: bytes) -> dict[bytes, str]:
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _PAIR.findall(stream)
    }


def _page(stream: bytes, fonts: dict[bytes, dict[bytes, str]]) -> str:
    shown, table, kept = [], dict[bytes, str](), list[dict[bytes, str]]()
    for found in _SHOWN.finditer(stream):
        if found[0] == b"q":
            kept.append(table)
        elif found[0] == b"Q":
            table = kept.pop()  # a font chosen inside is forgotten outside
        elif found[0] == b"ET":
            shown.append("\n")
        elif found[1]:
            table = fonts[found[1]]
        else:
            parts = [(found[2], b"")] if found[2] is not None else _PART.findall(found[3] or b"")
            shown.append("".join(_decoded(text, code, table) for text, code in parts))
    return "".join(shown)


def _decoded(text: bytes, code: bytes, table: dict[bytes, str]) -> str:
    raw = bytes.fromhex(code.decode()) if code else _ESCAPED.sub(lambda m: _MEANT.get(m[1], m[1]), text)
    return "".join(table.get(raw[i : i + 2], "") for i in range(0, len(raw), 2))
