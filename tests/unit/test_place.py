"""Where script/server is: at an address by name, as browsers make passkeys for no other, and where nobody else answers."""

import socket
from pathlib import Path

import pytest

import config
from script.support import processes
from script.support.settings import Place


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])  # noqa: S104  (nothing listens)
def test_this_machine_is_called_by_its_name(host: str) -> None:
    assert Place(Path(), host, 8000, 8001, 8002, production=False).address == "http://localhost:8000"
    assert config.from_environment({})["PUBLIC_URL"] == "http://localhost:8000"


def test_another_hosts_address_stays_as_it_is() -> None:
    assert Place(Path(), "192.0.2.7", 8000, 8001, 8002, production=False).address == "http://192.0.2.7:8000"


def test_a_port_is_taken_where_another_program_answers_to_the_name() -> None:
    """Browsers try [::1] first for localhost: they would be at the other program's page."""
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        port = other.getsockname()[1]
        assert processes.is_free("127.0.0.1", port)
        other.listen()
        assert not processes.is_free("127.0.0.1", port)
        assert processes.next_free("127.0.0.1", port) != port
