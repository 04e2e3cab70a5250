"""SMS by Africa's Talking. https://developers.africastalking.com/docs/sms/sending"""

from app.lib.network.remarks import Remark
from app.lib.refusals import Refusals
from app.messengers.base import Messenger, Refused, Undelivered

LIVE = "https://api.africastalking.com"
_TAKEN = frozenset({100, 101, 102})  # processed, sent, queued
# Invalid number, unsupported type of number, on the blacklist, do not disturb: about the phone, and for good.
_NEVER = frozenset({403, 404, 406, 409})


class AfricasTalking(Messenger):
    """AFRICASTALKING_USERNAME and _API_KEY; _SENDER for a name or short code of one's own."""

    code = "africastalking"
    label = "Africa's Talking"
    needs = ("AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY")
    may_have = ("AFRICASTALKING_SENDER", "AFRICASTALKING_API_BASE")
    refusals = Refusals(
        live_hosts=("api.africastalking.com",),
        test_hosts=("api.sandbox.africastalking.com",),
        test_keys=("sandbox",),  # the user name there
    )

    def send(self, phone: str, text: str) -> None:
        """Taken for delivery. Raises Undelivered, Refused."""
        given = self._settings
        form = {"username": given["AFRICASTALKING_USERNAME"], "to": phone, "message": text}
        if sender := given.get("AFRICASTALKING_SENDER"):
            form["from"] = sender
        url = f"{given.get('AFRICASTALKING_API_BASE', LIVE).rstrip('/')}/version1/messaging"
        headers = {"apiKey": given["AFRICASTALKING_API_KEY"], "Accept": "application/json"}
        status, body = self._post(url, form, headers=headers)
        try:
            [code] = [int(each["statusCode"]) for each in body["SMSMessageData"]["Recipients"]]
        except (LookupError, TypeError, ValueError):
            raise Undelivered(f"{self.label} answered {status} without a recipient") from None
        if code in _NEVER:
            raise Refused(f"{self.label} refused the number: {code}")
        if code not in _TAKEN:
            raise Undelivered(f"{self.label} did not take it: {code}")

    def _look(self) -> list[Remark]:
        # https://developers.africastalking.com/docs/application: what the account has left, for who has its key.
        given = self._settings
        url = f"{given.get('AFRICASTALKING_API_BASE', LIVE).rstrip('/')}/version1/user"
        headers = {"apiKey": given["AFRICASTALKING_API_KEY"], "Accept": "application/json"}
        self._ask("GET", url, params={"username": given["AFRICASTALKING_USERNAME"]}, headers=headers)
        return []
