"""A client that a machine writes from our description: it logs in, finds a time, books and pays, and reads why it may not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.lib import clock
from tests.support.world import PASSWORD, World

_PACKAGE = "kikao_client"
# What the generator would call itself to tidy up, and kinds of answer that it does not know as files.
_SETTINGS = {
    "post_hooks": [],
    "content_type_overrides": dict.fromkeys(("application/pdf", "application/zip"), "application/octet-stream"),
}


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The generated package, whose modules are found by their name."""
    (tmp_path / "openapi.json").write_text(world.app.test_client().get("/api/v1/openapi.json").text)
    (tmp_path / "settings.json").write_text(json.dumps(_SETTINGS))
    _generate(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda module: import_module(f"{_PACKAGE}.{module}")
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


def _generate(where: Path) -> None:
    """The package is there, and the generator had nothing to complain of."""
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--fail-on-warning"]
    options = ["--path", "openapi.json", "--config", "settings.json", "--meta", "none", "--output-path", _PACKAGE]
    done = subprocess.run(
        [*command, *options],
        cwd=where,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_generated_client_logs_in_books_and_pays(world: World, client: Any) -> None:
    person, service = world.person(), world.service(world.practitioner())
    call = _Calls(client, f"{world.app.config['PUBLIC_URL']}/api/v1")
    call.log_in(world.email(person))
    first = (clock.now() + timedelta(days=1)).date()
    [practitioner] = call("practitioners", "list_practitioners")
    assert [each.id for each in practitioner.services] == [service]
    free = call("practitioners", "list_slots", service, from_=first, to=first + timedelta(days=1))
    wish = call.models.BookingRequest(service_id=service, start=free[-1].start)
    made = call("bookings", "create_booking", body=wish, idempotency_key="one")
    again = call("bookings", "create_booking", body=wish, idempotency_key="one")
    assert again.booking.id == made.booking.id
    begun = call("checkouts", "pay", made.checkout.id, body=call.models.AttemptRequest(gateway="stripe"))
    world.act(begun.to_dict())
    booked = call("bookings", "show_booking", made.booking.id)
    assert (booked.status, booked.start) == (call.models.BookingStatus.CONFIRMED, free[-1].start)
    refusal = call("checkouts", "pay", made.checkout.id, body=call.models.AttemptRequest(gateway="stripe"))
    assert (refusal.status, refusal.code) == (409, "checkout_closed")


class _Calls:
    """Whoever is logged in, by the generated functions."""

    def __init__(self, client: Any, address: str) -> None:
        self._module, self._address = client, address
        self.models = SimpleNamespace(**vars(client("models")))
        self._http = client("client").Client(base_url=address)

    def log_in(self, email: str) -> None:
        """From now on the person with this address calls."""
        body = self.models.Credentials(email=email, password=PASSWORD)
        session = self("accounts", "create_token", body=body)
        self._http = self._module("client").AuthenticatedClient(base_url=self._address, token=session.token)

    def __call__(self, district: str, name: str, *path: Any, **given: Any) -> Any:
        """What is answered, as one of the generated shapes."""
        answer = self._module(f"api.{district}.{name}").sync(*path, client=self._http, **given)
        assert answer is not None, f"{name} answered what its description does not say"
        return answer
