"""The soak itself: a few kills of real processes, so that its machinery stays in order."""

from soak import kills


def test_a_kikao_that_is_killed_again_and_again_still_has_the_right_books(all_rounds: bool) -> None:
    """S3b-F01, S6-F01, S8-F04, S9-F05, S10-F05: web, worker and sweep die, the queue is emptied; nothing is lost or doubled."""
    rounds = 10 if all_rounds else 2
    outcome = kills.run("sqlite", rounds=rounds, seed=10)
    assert outcome.counts["kills"] >= rounds
    assert outcome.counts["bookings"] >= rounds
    assert not outcome.failures, "\n".join(outcome.failures)
