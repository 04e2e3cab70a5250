"""Money that comes too late: the place is gone when the gateway has it."""

from typing import Any

from tests.support.world import Caller, World


def late_payment(
    world: World, client: Caller, service: int, gateway: str = "stripe", *, start: str | None = None
) -> dict[str, Any]:
    """The client's page is paid after the place was lost to somebody else: {booking, checkout} as they were made."""
    start = start or world.start(service)
    made = world.book(client, service, start)
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.faults(gateway=gateway, callbacks="hold", times=None)
    world.act(begun, settle=False)
    lose_place(world, service, start)
    world.sandbox.sandbox.faults.clear()
    deliver(world)
    return made
