"""The option of the ratchet; pytest knows it when this room is named: `script/test tests/ratchet --ratchet lower`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--ratchet lower` or `--ratchet raise`."""
    words = ("hold", "lower", "raise")
    parser.addoption(
        "--ratchet", choices=words, default="hold", help="write the numbers of statements that are fewer, or all"
    )
