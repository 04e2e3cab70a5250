"""What an SMS carrier's adapter is. An adapter talks to its vendor, never to Flask, the database or another adapter."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from app.lib.network.remarks import Remark, Sight
from app.lib.refusals import Refusing

Timeout = tuple[float, float]
TIMEOUT: Timeout = (3.0, 10.0)  # connect, read; seconds
_DENIED = (401, 403)


class SettingsMissing(Exception):
    """The installation lacks settings for its carrier; the message names every one."""


class Undelivered(Exception):
    """The carrier was away, said no for now, or nobody knows: try again later. Never says a number."""


class Denied(Undelivered):
    """The carrier does not take our keys."""


class Refused(Exception):
    """This number takes no SMS from us, now or later: do not try again. Never says a number."""


class Messenger(Refusing, ABC):
    """One carrier. An incomplete adapter fails at start-up."""

    code: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]  # environment variables
    may_have: ClassVar[tuple[str, ...]]

    def __init__(self, settings: Mapping[str, str], *, timeout: Timeout = TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout

    @abstractmethod
    def send(self, phone: str, text: str) -> None:
        """The carrier has taken the text for `phone` (E.164). Raises Undelivered, Refused.

        Neither carrier takes a key to tell a repeated call by, so an answer that got lost may mean a second SMS.
        """

    def examine(self) -> list[Remark]:
        """What a person should know of our account there; empty when all is well. Sends nothing, raises nothing."""
        try:
            return self._look()
        except Denied:
            names = ", ".join(self.needs)
            return [Remark("keys", f"{self.label} does not accept our keys: set {names} anew and restart.")]
        except Undelivered as error:
            return [Remark("keys", f"{error}.", Sight.SILENT)]

    @abstractmethod
    def _look(self) -> list[Remark]:
        """Whether the carrier takes our keys, and the account may send. Raises Undelivered without a clear answer."""

    def _post(self, url: str, form: Mapping[str, str], **options: Any) -> tuple[int, dict[str, Any]]:
        """The answer's status, and its body where that is a JSON object. Raises Undelivered without a clear answer."""
        return self._ask("POST", url, data=form, **options)

    def _ask(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
        import requests  # noqa: PLC0415  (only who sends an SMS needs it)

        try:
            answer = requests.request(method, url, timeout=self._timeout, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise Undelivered(f"{self.label} gave no answer ({type(error).__name__})") from None
        try:
            body = answer.json()
        except ValueError:
            body = None
        if answer.status_code in _DENIED:
            raise Denied(f"{self.label} answered {answer.status_code}")
        if answer.status_code == 429 or answer.status_code >= 500 or not isinstance(body, dict):
            raise Undelivered(f"{self.label} answered {answer.status_code}")
        return answer.status_code, body
