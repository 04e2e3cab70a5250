"""What gateways tell, in the hands of a test: kept back, signed as they sign, delivered in any order and any number."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from app.models import Attempt
from sandbox.core import clock as sandbox_clock
from sandbox.core.signing import headers_for
from tests.support.gateways import BY_CODE
from tests.support.world import World

Row = dict[str, Any]

_NOTHING_FOR_US = ("payment_intent.created", "charge.succeeded", "charge.updated")


def hold_news(world: World) -> None:
    """From now on no callback leaves the gateways by itself."""
    world.faults(gateway="any", callbacks="hold", times=None)


def held(world: World) -> list[Row]:
    """The callbacks kept back so far that say something about our money, oldest first."""
    rows = reversed(world.sandbox.sandbox.courier.log())
    return [row for row in rows if row["status"] == "held" and not row["event"].startswith(_NOTHING_FOR_US)]


def kept_back(world: World, begun: Row, act: str = "pay", **wish: Any) -> list[Row]:
    """The callbacks of what the payer does, oldest first; those of whatever comes after it leave by themselves."""
    known = {row["id"] for row in held(world)}
    hold_news(world)
    world.act(begun, act, **wish)
    world.sandbox.sandbox.faults.stop_holding(None)
    return [row for row in held(world) if row["id"] not in known]


def send(
    world: World, row: Row, body: bytes | None = None, *, url: str = "", headers: dict[str, str | None] | None = None
) -> requests.Response:
    """The answer to one callback, signed as its gateway would sign it now.

    It may be told at another server (`url`), with another body than was signed, and with `headers` in place of the
    gateway's own (None: without that one). Raises requests.ConnectionError.
    """
    true = row["body"].encode()
    signed = headers_for(row["gateway"], world.sandbox.sandbox.credentials, true, row["event_id"], sandbox_clock.now())
    here = world.app.config["PUBLIC_URL"]
    target = (row["target"] or f"{here}/callbacks/{row['gateway']}").replace(here, url or here)
    return requests.post(target, true if body is None else body, headers=signed | (headers or {}), timeout=60)


def post(
    world: World, row: Row, body: bytes | None = None, *, url: str = "", headers: dict[str, str | None] | None = None
) -> int:
    """The status that one callback, as for `send`, was answered with; 0 for no answer."""
    try:
        return send(world, row, body, url=url, headers=headers).status_code
    except requests.ConnectionError:
        return 0


def forge(world: World, row: Row) -> int:
    """The status that the callback was answered with after somebody without the keys had made it up."""
    proof = BY_CODE[row["gateway"]].signature
    if proof:
        return post(world, row, headers={proof: "t=1,v1=" + "0" * 64})
    return post(world, row, b'{"Body": {"stkCallback": {"ResultCode": 0}}}')


def deliver(world: World, rows: Sequence[Row]) -> None:
    """The callbacks have arrived one after the other, each was acknowledged, and a worker has done what they made due."""
    assert [post(world, row) for row in rows] == [200] * len(rows)
    world.work()


@contextmanager
def nobody_knows_it(world: World) -> Iterator[None]:
    """Meanwhile the one payment there is cannot be found by what a callback calls it, as before its start was kept."""
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        known = (attempt.reference, attempt.provider_ref)
        attempt.reference, attempt.provider_ref = "NOTYETKNOWN", None
        session.commit()
    yield
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        attempt.reference, attempt.provider_ref = known
        session.commit()
