"""Sealed texts: unreadable without their key, bound to their purpose, and honest about which key is missing."""

from base64 import urlsafe_b64decode

import pytest

from app.lib.sealing import PREFIX_LENGTH, CannotOpen, Keyring, fingerprint, is_sealed, key_of
from app.lib.text import clean

OLD, NEW = "o" * 32, "n" * 32
TEXT = "Grief 🌊 and أمل\nand hope"


def test_what_is_sealed_comes_back_and_cannot_be_read_in_between() -> None:
    """S3-27: encrypted at rest."""
    ring = Keyring([NEW])
    sealed = ring.seal(TEXT, "notes:1")
    assert is_sealed(sealed)
    assert "Grief" not in sealed
    assert ring.open(sealed, "notes:1") == TEXT
    assert ring.seal(TEXT, "notes:1") != sealed  # the same text twice does not look the same


def test_the_first_key_seals_and_all_of_them_open() -> None:
    """Key rotation: the new key is put in front, and nothing is lost meanwhile."""
    sealed = Keyring([OLD]).seal(TEXT, "notes:1")
    both = Keyring([NEW, OLD])
    assert both.open(sealed, "notes:1") == TEXT
    again = both.seal(TEXT, "notes:1")
    assert again.startswith(both.prefix)
    assert len(both.prefix) == PREFIX_LENGTH
    assert key_of(again) == key_of(again[:PREFIX_LENGTH]) == fingerprint(NEW) == both.first
    assert Keyring([NEW]).open(again, "notes:1") == TEXT


def test_a_sealed_text_does_not_say_when_it_was_written() -> None:
    """S3-27: whoever reads the database learns no more of a note than its length."""
    token = urlsafe_b64decode(Keyring([NEW]).seal(TEXT, "notes:1").rpartition(":")[2])
    assert int.from_bytes(token[1:9]) == 0  # where Fernet keeps the time


def test_a_missing_key_is_named_by_its_fingerprint() -> None:
    sealed = Keyring([OLD]).seal(TEXT, "notes:1")
    with pytest.raises(CannotOpen) as caught:
        Keyring([NEW]).open(sealed, "notes:1")
    assert caught.value.key == fingerprint(OLD)
    assert OLD not in str(caught.value)


def test_a_text_moved_to_another_row_or_damaged_does_not_open() -> None:
    ring = Keyring([NEW])
    sealed = ring.seal(TEXT, "notes:1")
    middle = len(sealed) // 2
    damaged = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    for text, purpose in ((sealed, "notes:2"), (damaged, "notes:1"), (f"{ring.prefix}:", "notes:1")):
        with pytest.raises(CannotOpen) as caught:
            ring.open(text, purpose)
        assert caught.value.key == ""
    with pytest.raises(CannotOpen):
        ring.open("sealed:1:", "notes:1")


def test_plain_text_is_not_taken_for_sealed() -> None:
    assert not is_sealed(TEXT)
    assert not is_sealed("")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two\r\nlines\rand\u2028more ", "two\nlines\nand\nmore"),
        ("tab\tstays", "tab\tstays"),
        ("no \x00\x07\x1b[31mcontrol\x85s", "no [31mcontrol\ns"),
        ("a\u202egnp.exe\u202c\u2066b\u2069", "agnp.exeb"),
        (
            "\U0001f469\u200d\U0001f467 \u200f\u05e9\u05dc \u0646\u0645\u06cc\u200c",
            "\U0001f469\u200d\U0001f467 \u200f\u05e9\u05dc \u0646\u0645\u06cc\u200c",
        ),
        ("e\u0301", "\u00e9"),
        ("\u202e\x00 ", ""),
    ],
)
def test_text_loses_what_misleads_and_keeps_what_people_write(typed: str, kept: str) -> None:
    assert clean(typed) == kept
