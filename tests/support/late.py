"""Money that comes too late: the place is gone when the gateway has it."""

from typing import Any

from tests.support.world import Caller, World


def late_payment(
    world: World, client: Caller, service: int, gateway: str = "stripe", *, start: str | None = None
) -> dict[str, Any]:
    """What the client has paid for is somebody else's by then: {booking, checkout} as they were made.

    Where nothing is held, two have the page open and the other pays first; otherwise time runs out (not with Stripe, whose
    page is closed then).
    """
    start = start or world.start(service)
    made = world.book(client, service, start)
    begun = world.begin(client, made["checkout"]["id"], gateway)
    rival = world.person(name="Rival")
    if made["booking"]:
        world.move(minutes=20)
        world.sweep()
    theirs = world.book(rival, service, start)
    world.act(world.begin(rival, theirs["checkout"]["id"], gateway))
    world.act(begun)
    return made
