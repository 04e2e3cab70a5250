"""People who get in each other's way, or are gone before the answer comes."""

import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.deals import Deal, deal, join
from tests.support.world import Caller, World


def send_and_hang_up(world: World, caller: Caller, path: str, body: Any) -> None:
    """The request has left; whoever sent it is gone before the answer comes."""
    here = urlsplit(world.app.config["PUBLIC_URL"])
    content = json.dumps(body).encode()
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: {here.hostname}\r\nAuthorization: Bearer {caller.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    with socket.create_connection((str(here.hostname), int(here.port or 0)), timeout=60) as line:
        line.sendall(head.encode() + content)


def rivals(world: World, gateway: str = "stripe", *, begun: bool = False) -> list[Deal]:
    """Two clients with a draft for the same time of one practitioner; nothing is held."""
    first = deal(world, gateway, "pay_then_book", begun=begun)
    return [first, join(world, first.owner, first.service, gateway, start=first.start, begun=begun)]


def cancel_at(one: Deal, url: str, key: str = "once") -> None:
    """The client has asked the server at `url` to cancel, and may have got no answer."""
    headers = {"Authorization": f"Bearer {one.client.token}", "Idempotency-Key": key}
    path = f"{url}/api/v1/bookings/{one.booking_id}/cancel"
    with suppress(requests.ConnectionError):
        requests.post(path, json={"reason": "No."}, headers=headers, timeout=60)
