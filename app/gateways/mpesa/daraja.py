"""The wire to Safaricom's Daraja: a bearer token where one is needed, JSON in, JSON out. https://developer.safaricom.co.ke

Daraja says what went wrong in `errorCode`, under statuses that do not mean what they do elsewhere: HTTP 500 is also how
it answers "not finished yet". So mpesa.py judges the answers; here only silence and expired tokens are dealt with.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.gateways import http
from app.gateways.base import GatewayRefused, GatewayUnavailable, NothingSent
from app.lib import clock

TOKEN_ERRORS = frozenset({"404.001.03", "401.003.01"})  # invalid or expired, under HTTP 401 or 404
# Turned away at the door, unread: too many calls at once, or on one day. Only with its words, for "System is busy" comes
# under the first of these codes too, and of what it did that says nothing.
DOOR_CODES = frozenset({"500.003.02", "500.003.03"})
DOOR_WORDS = ("spike arrest", "quota")
DOOR_POLICY = "policies.ratelimit."  # the same by the API gateway in front of Daraja, in a shape of its own
# How much longer a push is waited for than other calls: at peaks its answer is slow, and without it the prompt has no id.
PATIENCE = 2
REFRESH_EARLY = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    """What Daraja answered: an HTTP status that means little, and a JSON object."""

    status: int
    body: dict[str, Any]

    @property
    def error(self) -> str:
        """The errorCode, or nothing."""
        return str(self.body.get("errorCode") or "")

    @property
    def message(self) -> str:
        """The errorMessage in small letters, for Daraja puts several meanings under one errorCode."""
        return str(self.body.get("errorMessage") or "").lower()

    @property
    def says_token_is_bad(self) -> bool:
        """Whether nothing was done, only because the token had run out."""
        return self.error in TOKEN_ERRORS or self.status == 401

    @property
    def was_turned_away(self) -> bool:
        """Whether for certain nothing was done, because there were too many calls."""
        if self.error in DOOR_CODES and any(words in self.message for words in DOOR_WORDS):
            return True
        try:
            policy = str(self.body["fault"]["detail"]["errorcode"])
        except http.WRONG_SHAPE:
            return False
        return policy.startswith(DOOR_POLICY)

    @property
    def says_busy(self) -> bool:
        """Whether Daraja was too busy, and what it did all the same is not known."""
        return self.status >= 500 and "system is busy" in self.message

    @property
    def is_refusal(self) -> bool:
        """Whether Daraja explicitly refused the call as it was made."""
        return 400 <= self.status < 500 and bool(self.error)

    def __str__(self) -> str:
        return f"Daraja: HTTP {self.status} {self.error} {http.redacted(self.message)}".strip()


class Daraja:
    """Calls with a token that is fetched when needed, shared by all threads and renewed before it runs out."""

    def __init__(self, base: str, key: str, secret: str, timeout: http.Timeout) -> None:
        self._base = base
        self._credentials = (key, secret)
        self._timeout = timeout
        self._sessions = http.PerThread(lambda: http.JsonSession("Daraja", timeout, http.UNCLEAR - {500, 503}))
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = clock.now()
        self._failures = 0

    def post(self, path: str, body: dict[str, Any], *, patience: float = 1) -> Answer:
        """Daraja's answer, waited for `patience` times as long as usual.

        A call is made again only when a bad token kept the first from being done.

        Raises GatewayUnavailable for no answer (NothingSent where there was no token, so no call either, or where it was
        turned away at the door), GatewayRefused when Daraja does not take our keys.
        """
        token = self.token()
        answer = self._post(path, body, token, patience)
        if answer.says_token_is_bad:
            answer = self._post(path, body, self.token(instead_of=token), patience)
        if answer.was_turned_away:
            raise NothingSent(str(answer))
        if answer.status >= 500 and not answer.error:
            raise GatewayUnavailable(str(answer))
        return answer

    def token(self, instead_of: str = "") -> str:
        """A good token, another than `instead_of`. Many threads that need one at once fetch it once, also in vain.

        Raises NothingSent, GatewayRefused.
        """
        failures = self._failures
        with self._lock:
            if self._token == instead_of or clock.now() >= self._good_until:
                # Who stood in line while another asked for nothing does not ask too: a host that hangs would hold up
                # each of them as long as all before it.
                if self._failures != failures:
                    raise NothingSent("Daraja gave no token to another thread")
                self._token, self._good_until = self._fetch_or_count()
            return self._token

    def renew(self) -> None:
        """A new token is in use, so our keys are taken today, whatever an older token is still good for.

        Raises NothingSent, GatewayRefused.
        """
        self.token(instead_of=self._token)

    def _post(self, path: str, body: dict[str, Any], token: str, patience: float) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        connect, read = self._timeout
        timeout = (connect, read * patience)
        answer = self._sessions.get().post(f"{self._base}{path}", json=body, headers=headers, timeout=timeout)
        return Answer(answer.status_code, answer.json())

    def _fetch_or_count(self) -> tuple[str, datetime]:
        try:
            return self._fetch()
        except GatewayUnavailable as error:
            self._failures += 1
            raise NothingSent(str(error)) from None

    def _fetch(self) -> tuple[str, datetime]:
        asked = clock.now()
        address = f"{self._base}/oauth/v1/generate"
        got = self._sessions.get().get(address, params={"grant_type": "client_credentials"}, auth=self._credentials)
        answer = Answer(got.status_code, got.json())
        if answer.is_refusal or answer.status in (400, 401, 403):
            raise GatewayRefused(str(answer))
        with http.expecting(GatewayUnavailable, f"Daraja gave no token (HTTP {answer.status})"):
            life = timedelta(seconds=int(answer.body["expires_in"]))  # a string on the wire
            return http.dict_of(answer.body)["access_token"].strip(), asked + life - REFRESH_EARLY
