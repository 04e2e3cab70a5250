"""What a use case answers when it cannot be done; doors turn it into a page or problem+json."""

import math
from collections.abc import Mapping
from datetime import timedelta


class Problem(Exception):
    """Nothing was changed.

    `code` is stable and names a sentence in app/words/; `field` is where it belongs on a form.
    """

    status = 400
    headers: Mapping[str, str] = {}  # that the answer bears

    def __init__(self, code: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.values = values


class Invalid(Problem):
    """What was sent cannot be meant (422)."""

    status = 422


class NotFound(Problem):
    """It does not exist, or it is somebody else's: the answer is the same (404)."""

    status = 404

    def __init__(self, code: str = "not_found") -> None:
        super().__init__(code)


class Forbidden(Problem):
    """This person may never do this (403)."""

    status = 403


class Refused(Problem):
    """Who they are could not be proven (401)."""

    status = 401


class Unavailable(Problem):
    """It is there and cannot be had now; a person must put something right first (503)."""

    status = 503


class Conflict(Problem):
    """It was possible once, or will be, but not in the present state (409)."""

    status = 409


class TooMany(Conflict):
    """It was done too often of late, and may be done again after `retry_after` (429); forms show it as any conflict."""

    status = 429

    def __init__(self, code: str, retry_after: timedelta) -> None:
        self.retry_after = max(1, math.ceil(retry_after.total_seconds()))  # seconds
        self.headers = {"Retry-After": str(self.retry_after)}
        super().__init__(code, minutes=math.ceil(self.retry_after / 60))
