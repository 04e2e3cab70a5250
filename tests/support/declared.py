"""Whatever test makes a call of the API: that the call had declared how it would answer."""

from flask import Flask, Response, request

from app.blueprints.api.calls import CALLS


class Undeclared:
    """What calls have answered that their description does not say."""

    def __init__(self, app: Flask) -> None:
        self._declared = {f"api.{call.name}": call for call in CALLS}
        self._found: set[str] = set()
        app.after_request(self._look_at)

    def take(self) -> list[str]:
        """All of it since it was last asked."""
        found, self._found = self._found, set()
        return sorted(found)

    def _look_at(self, response: Response) -> Response:
        call = self._declared.get(request.endpoint or "")
        if call is not None and response.status_code < 500:
            code = (response.get_json(silent=True) or {}).get("code", "") if response.status_code >= 400 else ""
            declared = call.refusals().get(response.status_code, []) if code else ["", *call.statuses]
            if (code or response.status_code) not in declared:
                self._found.add(f"{call.name}: {response.status_code} {code}")
        return response
