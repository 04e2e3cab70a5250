"""The end of a hold and the news of its money at one instant, on both engines (complaint 4)."""

from soak.expiry import PLANS, Rounds
from tests.support.world import World


def test_money_at_the_deadline_confirms_or_goes_back_and_never_does_neither(world: World, all_rounds: bool) -> None:
    """S9-F14, complaint 4, acceptance criterion 4: sweep, look-up and success at once, with and without a rival."""
    rounds = Rounds(world, seed=4)
    many = len(PLANS) * (2 if all_rounds else 1)
    wrong = [line for number in range(many) for line in rounds.play(number)]
    assert not wrong, "\n".join(wrong)
    assert not rounds.finish()
    assert rounds.ends["confirmed, paid"], rounds.ends
    assert rounds.ends["expired, paid, sent back, place taken"], rounds.ends
