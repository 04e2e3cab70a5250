"""What people write is stored without what cannot be seen."""

import pytest

from app.lib.text import clean, discreet


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Very good.  ", "Very good."),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\x00b\x07c\x1b[31md\x7f", "abc[31md"),
        ("a\tb", "a\tb"),
        ("safe\u202egnp.exe\u202c \u2066x\u2069", "safegnp.exe x"),
        ("\u202a\u202b\u202d\u2067\u2068", ""),
        ("\ufeffzero\u200bwidth", "zerowidth"),
        ("👩‍⚕️ ❤️ 👍🏽", "👩‍⚕️ ❤️ 👍🏽"),
        ("می‌خواهم", "می‌خواهم"),
        ("बहुत अच्छा", "बहुत अच्छा"),
        ("Cafe\u0301", "Café"),
        ("\n\n \n", ""),
    ],
)
def test_what_is_not_seen_goes_and_every_script_and_emoji_stays(written: str, kept: str) -> None:
    assert clean(written) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Wanjiku Kamau", "Wanjiku K."),
        ("Maria de la Cruz", "Maria C."),
        ("Otieno", "Otieno"),
        ("jean dupont", "jean D."),
        ("سارا احمدی", "سارا ا."),
        ("", ""),
    ],
)
def test_strangers_read_a_first_name_and_an_initial(name: str, shown: str) -> None:
    assert discreet(name) == shown
