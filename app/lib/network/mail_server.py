"""The mail server that a URL names: it proves who it is before it is believed, and learns no password in the clear."""

import smtplib
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from app.lib.network import authorities

# Each scheme with the port it has where none is said (RFC 8314: 465 and 587 are for programs that send).
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_SHAPE = "must be smtp+starttls://user:password@host:port, or begin with smtps:// or smtp://; encode what is special"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """The server that `url` names. Raises ValueError, whose words never hold what is in it."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):  # a "/" in a password makes a port of it: nothing of that is repeated
            raise ValueError(_SHAPE) from None
        if not parts.hostname:
            raise ValueError(_SHAPE)
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))

    @property
    def tells_all(self) -> bool:
        """Whether user and password would be there for everybody on the way to read."""
        return bool(self.user) and self.scheme == "smtp"

    def connect(self, timeout: float) -> smtplib.SMTP:
        """A connection over which mail may be sent: encrypted to the host of this name where the scheme says so, logged in.

        Raises OSError: also where the server offers no STARTTLS (there is no way down), and where a password would go to
        another machine in the clear.
        """
        if self.tells_all and not is_loopback(self.host):
            raise PermissionError("a password is never sent in the clear")
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=timeout, context=authorities.trusted()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=timeout)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        if self.scheme == "smtp+starttls":
            server.starttls(context=authorities.trusted())
        if self.user:
            server.login(self.user, self.password)


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own, without asking anybody."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
