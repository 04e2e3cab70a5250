"""SMS by Twilio. https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""

from app.lib.network.remarks import Remark
from app.lib.refusals import Refusals
from app.messengers.base import Messenger, Refused, Undelivered

LIVE = "https://api.twilio.com"
# Not a number, no route to it, unsubscribed, a landline: about the phone, and for good.
_NEVER = frozenset({21211, 21214, 21217, 21610, 21612, 21614})


class Twilio(Messenger):
    """TWILIO_ACCOUNT_SID, _AUTH_TOKEN, and _FROM: a number or name of one's own, or a messaging service (MG...)."""

    code = "twilio"
    label = "Twilio"
    needs = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    may_have = ("TWILIO_API_BASE",)
    refusals = Refusals(
        live_hosts=("api.twilio.com", "api.*.twilio.com"),
        test_keys=("+1500555*",),  # the numbers that send to nobody
    )

    def send(self, phone: str, text: str) -> None:
        """Taken for delivery. Raises Undelivered, Refused."""
        given = self._settings
        account = given["TWILIO_ACCOUNT_SID"]
        sender = given["TWILIO_FROM"]
        named = "MessagingServiceSid" if sender.startswith("MG") else "From"
        url = f"{given.get('TWILIO_API_BASE', LIVE).rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        form = {"To": phone, named: sender, "Body": text}
        status, body = self._post(url, form, auth=(account, given["TWILIO_AUTH_TOKEN"]))
        if status == 201 and body.get("sid"):
            return
        if status == 400 and body.get("code") in _NEVER:
            raise Refused(f"{self.label} refused the number: {body['code']}")
        raise Undelivered(f"{self.label} answered {status}, code {str(body.get('code'))[:10]}")

    def _look(self) -> list[Remark]:
        # https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource
        given = self._settings
        account = given["TWILIO_ACCOUNT_SID"]
        url = f"{given.get('TWILIO_API_BASE', LIVE).rstrip('/')}/2010-04-01/Accounts/{account}.json"
        _, body = self._ask("GET", url, auth=(account, given["TWILIO_AUTH_TOKEN"]))
        if body.get("status") in ("suspended", "closed"):
            return [
                Remark("account", f"The account at Twilio is {body['status']}: look at its console; no SMS goes out.")
            ]
        return []
