"""What is typed into forms and sent to calls: something that most of them would take, and something that none would."""

import re
from typing import Any

from tests.support import papers
from tests.support.town import Pair
from tests.support.world import PASSWORD

_LATER = "2030-01-07T09:00:00+00:00"
# Of calls that take the same name as something else, only the words of the rule can tell.
_AMOUNT = {"amount": {"amount": 1_000, "currency": "EUR"}}
_PROGRAM: dict[str, Any] = {
    **_AMOUNT, "accept": True, "answers": papers.ANSWERS, "choice": "credit", "destination": "Till 7", "evidence": "Seen",
    "gateway": "razorpay", "kind": "intake", "language": "en", "minutes": 60, "name": papers.NAME, "notes": "Went well",
    "percent": "16", "places": 1, "price": 10_000, "public": True, "question": "Why?", "questions": papers.QUESTIONS,
    "reason": "A reason", "sessions": 3, "stars": 5, "start": _LATER, "text": "Words", "title": "Before we meet",
    "url": "https://meet.example.org/room", "up_to": 1, "zone": "Africa/Nairobi", "code": "nothing",
}  # fmt: skip
_PERSON: dict[str, Any] = {
    "active": "y", "agreed": "y", "amount": "10.00", "answer": "It is.", "body": "Words", "choice": "credit", "code": "nothing",
    "currency": "EUR", "day": "2030-01-07", "decision": "close", "destination": "Till 7", "due": "session", "evidence": "Seen",
    "feedback": "Good", "gateway": "razorpay", "kind": "individual", "language": "en", "meeting_kind": "generated",
    "minutes": "60", "mode_code": "hold_then_pay", "name": papers.NAME, "names": "Halima", "note": "Words", "notes": "Words",
    "percent": "16", "places": "1", "price": "60.00", "public": "y", "published": "y", "question": "Why?", "reason": "A reason",
    "seen": "1", "sessions": "3", "stars": "5", "start": _LATER, "text": "Words", "time": "09:00", "title": "Before we meet",
    "url": "https://meet.example.org/room", "zone": "Africa/Nairobi", **papers.ANSWERS,
}  # fmt: skip
ODD = {
    "email": "x\x00", "price": "1e9", "start": "now", "reason": "x" * 999, "hours": "25:00", "day": "2027-02-30",
    "month": "2027-13", "amount": -1, "stars": "many", "answers": [], "questions": {"a": 1}, "services": "x",
}  # fmt: skip
QUERIES: tuple[dict[str, str], ...] = (
    {"page": "-1", "q": "%'\u202e", "tab": "nothing", "status": "9", "month": "2027-13", "day": "x", "from": "0001-01-01"},
    {"page": "9" * 30, "from": "9999-12-31", "to": "9999-12-31", "start": "0001-01-01T00:00:00+14:00", "next": "//evil"},
    {"from": "2027-01-01", "to": "2027-01-20", "start": "2027-01-05T09:00:00Z", "places": "x", "currency": "\x00"},
)  # fmt: skip

# What forms and addresses name besides: the route, its verb, the field, and what it names as the argument of a route.
_NAMED = """
/api/v1/checkouts/<uuid:checkout_id>/attempts   POST  package_id    package_id
/checkouts/<uuid:checkout_id>/pay               POST  package_id    package_id
/api/v1/wallet/top-ups                          POST  then          checkout_id
/wallet/top-ups                                 POST  then          checkout_id
/api/v1/package-offers                          POST  service_id    service_id
/practice/packages                              POST  service_id    service_id
/api/v1/forms                                   POST  services      service_id
/practice/forms/new/<any(intake, agreement):kind>  POST  services   service_id
/practice/approve                               POST  booking       booking_id
/practice/statements                            GET   practitioner  slug
/practice/statements/<month>                    GET   practitioner  slug
/practice/statements/<month>.csv                GET   practitioner  slug
/practice/statements/<month>.pdf                GET   practitioner  slug
/api/v1/statements                              GET   practitioner  slug
/api/v1/statements/<month>                      GET   practitioner  slug
"""
NAMED = [re.split(r" {2,}", line) for line in _NAMED.splitlines() if line]


def good(rule: str, pair: Pair) -> dict[str, Any]:
    """What the route would take of one of this pair, where the thing and who sends it are right."""
    service = {"service_id": pair.services["card"], "services": [pair.services["card"]], "currency": "EUR"}
    secret = {"password": PASSWORD} if "/me/" in rule else {}
    return (_PROGRAM if rule.startswith("/api/") else _PERSON) | service | secret
