"""Every row of docs/rows.toml is named by a test and seen somewhere, and docs/coverage.md says where."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import ROOT
from script.support import coverage

LENGTHS = {"S0": 35, "S1": 22, "S2": 37, "S3": 38, "S4": 30}
ROWS = coverage.rows()


@pytest.fixture(scope="module")
def kikao(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application with every route and command; its database is never asked."""
    return create_app({"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('rows')}/x.db", "SECRET_KEY": "k" * 40})


def test_no_row_is_left_out() -> None:
    """The reports' rows are numbered without a gap, the complaints and the contradictions too."""
    wanted = [f"{report}-{n}" for report, last in LENGTHS.items() for n in range(1, last + 1)]
    wanted += [f"complaint {n}" for n in range(1, 26)] + [f"X{n}" for n in range(1, 18)]
    assert [row.key for row in ROWS] == wanted


def test_every_row_is_named_by_a_test_and_seen_somewhere() -> None:
    named = coverage.named()
    assert [row.key for row in ROWS if row.key not in named or not row.places] == []


def test_no_test_names_a_row_that_does_not_exist() -> None:
    assert (set(coverage.named()) | set(coverage.not_yet())) <= {row.key for row in ROWS}


def test_every_place_exists(kikao: Flask) -> None:
    """Routes in the application, commands on its command line, files with their headings in the repository."""
    places = {place for row in ROWS for place in row.places} | {
        place for feature in coverage.features() for place in feature.places
    }
    assert sorted(place for place in places if not _exists(kikao, place)) == []


def test_a_feature_is_shown_by_tests_or_says_why_it_is_not_there() -> None:
    exact = {f"{test.path}::{test.name}" for test in coverage.tests()}
    for feature in coverage.features():
        assert bool(feature.by and feature.places) is not bool(feature.not_yet), feature.title
        assert [one for one in feature.by if one not in exact and one not in coverage.named()] == [], feature.title


def test_the_page_of_all_this_is_what_the_generator_writes() -> None:
    assert coverage.complaint() is None


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("S2-15, S4-1..3: both", ["S2-15", "S4-1", "S4-2", "S4-3"]),
        ("S4-1..S4-2.", ["S4-1", "S4-2"]),
        ("Complaint 7, complaints 2 and 4, S1-5", ["S1-5", "complaint 7", "complaint 2", "complaint 4"]),
        ("Criterion 12", ["complaint 12"]),
        ("X12, but S10-F06, S1-F21, AX12 and \\x00 are other things", ["X12"]),
    ],
)  # fmt: skip
def test_rows_are_found_in_what_a_docstring_says(said: str, keys: list[str]) -> None:
    assert list(coverage.keys(said)) == keys


def _exists(kikao: Flask, place: str) -> bool:
    first, *words = place.split()
    if first in coverage.METHODS:
        return (first, _plain(words[0])) in _routes(kikao)
    if first == "flask":
        return kikao.test_cli_runner().invoke(args=[*words, "--help"]).exit_code == 0
    file, _, heading = first.partition("#")
    return (ROOT / file).is_file() and (not heading or heading in _headings(ROOT / file))


def _routes(kikao: Flask) -> set[tuple[str, str]]:
    return {(method, _plain(rule.rule)) for rule in kikao.url_map.iter_rules() for method in rule.methods or ()}


def _plain(address: str) -> str:
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", address)


def _headings(file: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}
