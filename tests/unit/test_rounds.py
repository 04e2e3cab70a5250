"""A normal run has one gateway for what is about us; which one is no accident and all come up."""

from collections import Counter

from tests.support.gateways import BY_CODE
from tests.support.rounds import a_third, one_of


def test_a_test_always_has_the_same_gateway_however_they_are_listed() -> None:
    assert {one_of("a test", order) for order in (list(BY_CODE), list(BY_CODE)[::-1])} == {
        one_of("a test", list(BY_CODE))
    }


def test_many_tests_together_have_every_gateway_about_as_often() -> None:
    times = Counter(one_of(f"test number {number}", list(BY_CODE)) for number in range(300))
    assert set(times) == set(BY_CODE)
    assert min(times.values()) > 60


def test_where_a_test_is_written_for_two_gateways_it_is_one_of_these() -> None:
    assert {one_of(f"test number {number}", ["stripe", "mpesa"]) for number in range(50)} == {"stripe", "mpesa"}


def test_a_third_of_the_cases_has_its_turn_and_within_some_commits_all_have_had_it() -> None:
    cases = ["ar", "en", "fa", "fr", "hi", "sw", "x"]
    turns = [a_third("a test", cases, f"commit {number}") for number in range(30)]
    assert {len(turn) for turn in turns} == {3}
    assert set().union(*turns) == set(cases)
    assert a_third("a test", cases, "commit 7") == a_third("a test", cases[::-1], "commit 7")
    assert a_third("a test", ["en"], "commit 7") == {"en"}
