"""What comes back, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import terms

START = datetime(2027, 3, 28, 9, tzinfo=UTC)
_agreed = terms.CancellationPolicy.from_json
POLICY = {"free_cancel_hours": 24, "later_tiers": [[2, 50], [0, 10]]}


@pytest.mark.parametrize(
    ("before", "percent"),
    [
        (timedelta(days=3), 100),
        (timedelta(hours=24), 100),
        (timedelta(hours=24) - timedelta(microseconds=1), 50),
        (timedelta(hours=2), 50),
        (timedelta(minutes=119), 10),
        (timedelta(0), 10),
        (-timedelta(seconds=1), 0),
    ],
)
def test_each_step_ends_with_its_instant(before: timedelta, percent: int) -> None:
    """S2-22: free until 24 h, half until 2 h, a little until it begins."""
    assert terms.percent_at(_agreed(POLICY).steps(START), START - before) == percent


def test_a_policy_from_before_there_were_steps_is_free_or_nothing() -> None:
    """What the first versions froze on a booking still holds."""
    old = _agreed({"free_cancel_hours": 6}).steps(START)
    assert [terms.percent_at(old, START - timedelta(hours=hours)) for hours in (6, 5)] == [100, 0]
    assert terms.percent_at(_agreed({}).steps(START), START - timedelta(hours=24)) == 100


def test_a_stored_policy_is_read_whole_and_what_else_is_stored_with_it_is_let_be() -> None:
    stored = {
        "no_show_percent": 30,
        "free_moves": 2,
        "free_move_hours": 12,
        "counted_from": START.isoformat(),
        "answer_hours": 48,
        "pay_hours": 24,
    }
    assert _agreed(POLICY | stored) == terms.CancellationPolicy(24, ((2, 50), (0, 10)), 30, 2, 12, START)


@pytest.mark.parametrize(
    ("tiers", "wrong"),
    [
        ((), None),
        (((2, 50),), None),
        (((2, 50), (0, 10)), None),
        (((24, 50),), 0),
        (((2, 100),), 0),
        (((2, 50), (1, 50)), 1),
    ],
)
def test_steps_come_ever_later_and_give_ever_less(tiers: tuple[tuple[int, int], ...], wrong: int | None) -> None:
    assert terms.wrong_tier(24, tiers) == wrong
