"""Whom we hand mail and passwords to: a real SMTP server, with the right certificate and with wrong ones (SEC-11, OPS-3)."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.lib.network.remarks import Sight
from app.models import User
from app.services.backoffice import checkups
from app.services.notifications import mail
from app.services.notifications.letters import Mail
from tests.support.certificates import Authority
from tests.support.world import World

NAME = "localhost"


class Server:
    """A mail server that remembers what it was told, and takes passwords in the clear too."""

    def __init__(self, certificate: Path | None, scheme: str) -> None:
        self.passwords: list[bytes] = []
        self.mails: list[bytes] = []
        self.takes = True
        context = self._context(certificate) if certificate else None
        wrapped: dict[str, Any] = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._controller = Controller(
            self, hostname=NAME, port=self.port, authenticator=self._note, auth_require_tls=False, **wrapped
        )
        self._controller.start()

    def _context(self, certificate: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context

    def _note(
        self, _server: object, _session: object, _envelope: object, _how: str, given: LoginPassword
    ) -> AuthResult:
        self.passwords.append(given.password)
        return AuthResult(success=self.takes, handled=self.takes)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 taken"

    def stop(self) -> None:
        self._controller.stop()


Serve = Callable[..., Server]


@pytest.fixture
def serve(world: World) -> Iterator[Serve]:
    """serve(certificate, scheme): mail goes to such a server, whose word for itself is in the file, as user and password."""
    before, made = world.app.config["SMTP_URL"], []

    def serve(certificate: Path | None, scheme: str) -> Server:
        server = Server(certificate, scheme)
        made.append(server)
        world.app.config["SMTP_URL"] = f"{scheme}://kikao:a%2Fsecret@{NAME}:{server.port}"
        return server

    yield serve
    world.app.config["SMTP_URL"] = before
    for server in made:
        server.stop()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority whom the operator has told Kikao to believe."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    return made


def post(world: World) -> None:
    reader = User(name="Asha", email="asha@example.org", language="en", zone="UTC", switches={})
    with world.app.app_context():
        written = Mail("Choose a new password", "A link that nobody else may read.", "<p>A link</p>")
        mail.post(reader, written, "key")


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_server_that_proves_who_it_is_gets_password_and_mail(
    world: World, serve: Serve, authority: Authority, scheme: str
) -> None:
    server = serve(authority.vouch(NAME), scheme)
    post(world)
    assert server.passwords == [b"a/secret"]
    assert b"A link that nobody else may read." in server.mails[0]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda known, _: known.vouch(NAME, timedelta(hours=-1)), id="expired"),
        pytest.param(lambda known, _: known.vouch("mail.elsewhere.example"), id="for another name"),
        pytest.param(lambda _, stranger: stranger.vouch(NAME), id="of an authority nobody believes"),
    ],
)
def test_a_server_with_a_wrong_certificate_gets_nothing(
    world: World, serve: Serve, authority: Authority, tmp_path: Path, scheme: str, wrong: Callable[..., Path]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    server = serve(wrong(authority, Authority(elsewhere)), scheme)
    with pytest.raises(mail.Undelivered, match="SSLCertVerificationError"):
        post(world)
    assert (server.passwords, server.mails) == ([], [])


def test_a_server_that_offers_no_starttls_gets_nothing(world: World, serve: Serve, authority: Authority) -> None:
    """Who stands between takes the word out of the server's greeting: that is no reason to talk in the clear."""
    server = serve(None, "smtp+starttls")
    with pytest.raises(mail.Undelivered, match="SMTPNotSupportedError"):
        post(world)
    assert (server.passwords, server.mails) == ([], [])


def test_in_the_clear_a_password_goes_to_this_machine_alone(world: World, serve: Serve) -> None:
    server = serve(None, "smtp")
    post(world)
    assert server.passwords == [b"a/secret"]
    world.app.config["SMTP_URL"] = "smtp://kikao:secret@192.0.2.1:25"
    with pytest.raises(mail.Undelivered, match="PermissionError"):
        post(world)


def test_doctor_says_that_the_mail_server_is_not_who_it_says(world: World, serve: Serve, authority: Authority) -> None:
    serve(authority.vouch("mail.elsewhere.example"), "smtps")
    said = world.app.test_cli_runner().invoke(args=["doctor"]).output
    assert "look mail: The mail server's certificate has ended or is another host's" in said


def test_doctor_says_that_mail_would_go_in_the_clear(world: World, serve: Serve) -> None:
    serve(None, "smtp")
    world.app.config["SMTP_URL"] = "smtp://192.0.2.1:25"
    assert "look mail: SMTP_URL sends in the clear" in world.app.test_cli_runner().invoke(args=["doctor"]).output


def _said_of_mail(world: World) -> list[tuple[Sight, str]]:
    with world.app.app_context():
        return [(each.remark.sight, each.remark.words) for each in checkups.of_mail()]


def test_the_daily_look_tells_a_password_that_ended_from_a_server_that_is_away(world: World, serve: Serve) -> None:
    server = serve(None, "smtp")
    assert _said_of_mail(world) == []
    server.takes = False
    [(sight, words)] = _said_of_mail(world)
    assert (sight, "does not accept user and password" in words, "secret" in words) == (Sight.TROUBLE, True, False)
    world.app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    [(sight, _)] = _said_of_mail(world)
    assert sight is Sight.SILENT


def test_the_daily_look_says_that_the_mail_servers_certificate_ended(
    world: World, serve: Serve, authority: Authority
) -> None:
    serve(authority.vouch(NAME, timedelta(days=-1)), "smtps")
    [(sight, words)] = _said_of_mail(world)
    assert (sight, "certificate has ended" in words) == (Sight.TROUBLE, True)
