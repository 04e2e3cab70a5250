"""A normal run has one gateway for what is about us; which one is no accident and all come up."""

from collections import Counter

from tests.support.gateways import BY_CODE
from tests.support.rounds import one_of


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
