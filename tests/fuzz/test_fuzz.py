"""Two thousand inputs that nobody in their right mind sends, always the same ones; `script/soak fuzz` sends many others."""

from tests.fuzz.playing import opened
from tests.support.world import World

SEED = 20261130
HOW_MANY = 2_000


def test_whatever_is_sent_nothing_fails_and_nothing_unsigned_has_an_effect(world: World) -> None:
    """SEC, "What held": callbacks forged, spoilt and signed; forms of everybody's; calls. The books are looked at afterwards."""
    with opened(world) as gallery:
        gallery.play(SEED, HOW_MANY)
    assert not gallery.wrong, "\n".join(f"{why}\n    {what}" for why, what in gallery.wrong.items())
    assert gallery.counts["inputs"] >= HOW_MANY
    assert gallery.counts["let in"] > HOW_MANY / 2, gallery.counts  # it got behind the doors
    for kind in ("form 3xx", "call 2xx", "signed 2xx", "addressed 2xx"):
        assert gallery.counts[kind] > 10, gallery.counts  # and some of it was done
