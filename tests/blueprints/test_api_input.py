"""Bad input gets a clear error beside its field, never a 500, and nothing is lost or doubled."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import Attempt, Booking, Role, User
from app.services import practice
from app.services.core.errors import Invalid
from app.services.practice import ServiceForm
from tests.support.world import Caller, World


def _problem(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json", answer.text
    assert {"type", "title", "status", "detail", "code"} <= answer.json.keys()
    return answer.status_code, answer.json["code"]


def test_a_time_in_the_past_is_refused(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    start = world.start(service)
    world.move(days=3)
    answer = client.post("/bookings", {"service_id": service, "start": start})
    assert _problem(answer) == (422, "slot_past")
    assert answer.json["field"] == "start"


def test_a_time_that_is_not_offered_is_refused(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    start = datetime.fromisoformat(world.start(service)) + timedelta(minutes=7)
    assert _problem(client.post("/bookings", {"service_id": service, "start": start.isoformat()})) == (
        422,
        "slot_not_offered",
    )


def test_an_overlapping_time_of_another_service_is_taken(world: World) -> None:
    practitioner, client = world.practitioner(), world.person()
    short = world.service(practitioner)
    long = world.service(practitioner, title="Double session", minutes=120, step_minutes=60)
    start = world.start(long, 1)
    world.book(client, short, start)
    assert _problem(world.person().post("/bookings", {"service_id": long, "start": start})) == (409, "slot_taken")
    earlier = (datetime.fromisoformat(start) - timedelta(hours=1)).isoformat()
    assert _problem(world.person().post("/bookings", {"service_id": long, "start": earlier})) == (409, "slot_taken")


def test_buffers_keep_their_distance(world: World) -> None:
    practitioner = world.practitioner()
    service = world.service(practitioner, buffer_after=30, step_minutes=60)
    start = world.start(service, 3)
    world.book(world.person(), service, start)
    free = [slot["start"] for slot in world.slots(service)]
    after = (datetime.fromisoformat(start) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = (datetime.fromisoformat(start) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert after not in free
    assert before not in free


def test_a_service_nobody_offers_is_404(world: World) -> None:
    client = world.person()
    body = {"service_id": 999, "start": "2030-01-01T10:00:00Z"}
    assert _problem(client.post("/bookings", body)) == (404, "not_found")
    hidden = world.service(world.practitioner(), active=False)
    assert _problem(client.post("/bookings", body | {"service_id": hidden})) == (404, "not_found")


def test_price_and_owner_from_the_browser_are_ignored_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """S0-9, S1-6, S2-17, X14."""
    client, victim = world.person(), world.person()
    service = world.service(world.practitioner())
    made = world.book(client, service, price=1, amount=1, client_id=victim.user_id, status="confirmed", paid=True)
    assert made["booking"]["price"] == {"amount": 6000, "currency": "EUR"}
    assert made["booking"]["status"] == "awaiting_payment"
    assert victim.get("/bookings").json == []
    assert "api.tampering" in caplog.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"places": 0}, "places"),
        ({"places": 2}, "places"),
        ({"places": 10**9}, "places"),
        ({"places": "many"}, "places"),
        ({"notes": "x" * 2001}, "notes"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2030-01-01T10:00:00"}, "start"),
        ({"start": None}, "start"),
        ({"start": "9999-12-31T23:59:59Z"}, "start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "start"),
        ({"service_id": "abc"}, "service_id"),
        ({"service_id": 2**63}, "service_id"),
        ({"service_id": -1}, "service_id"),
    ],
)
def test_what_cannot_be_meant_is_422_beside_its_field(world: World, body: dict[str, Any], field: str) -> None:
    client, service = world.person(), world.service(world.practitioner())
    answer = client.post("/bookings", {"service_id": service, "start": world.start(service)} | body)
    assert answer.status_code == 422
    assert answer.json["field"] == field
    assert world.all(Booking) == []


@pytest.mark.parametrize("raw", [b"{", b"[]", b"5", b"\xff", b"null", b'"x"', b"{" * 20000])
def test_a_body_that_is_no_json_object_is_400(world: World, raw: bytes) -> None:
    """S3-35: checked input, clear errors."""
    client = world.person()
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    for path in ("/bookings", "/auth/token"):
        assert _problem(client.http.post(f"/api/v1{path}", data=raw, headers=headers)) == (400, "bad_request")


def test_a_body_nested_however_deep_is_no_error_of_ours(world: World) -> None:
    """Somewhere below a thousand it can just be read and not be written again; where, the caller's own depth decides."""
    client = world.person()
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    seen = set()
    for deep in (*range(800, 1000), 5_000, 100_000):
        raw = b'{"a":' + b"[" * deep + b"]" * deep + b"}"
        answers = [
            client.http.post(f"/api/v1{path}", data=raw, headers=headers) for path in ("/bookings", "/auth/token")
        ]
        seen.update(answer.status_code for answer in answers)
    assert seen == {400, 422}


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer "}]
)
def test_without_a_good_token_everything_private_is_401(world: World, header: dict[str, str]) -> None:
    http = world.app.test_client()
    for path in ("/bookings", "/me", "/checkouts/00000000-0000-4000-8000-000000000000"):
        answer = http.get(f"/api/v1{path}", headers=header)
        assert _problem(answer) == (401, "login_needed")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/nothing", "/bookings/not-a-uuid", "/practitioners/nobody", "/services/99/slots"])
def test_what_does_not_exist_is_a_404_problem(world: World, path: str) -> None:
    dates = {"from": "2030-01-01", "to": "2030-01-02"} if path.endswith("slots") else {}
    assert _problem(world.person().get(path, **dates)) == (404, "not_found")


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2030-01-02", "2030-01-01", "range_reversed"),
        ("2030-01-01", "2030-03-04", "range_too_long"),
        ("soon", "2030-01-01", "date_invalid"),
        ("2030-02-30", "2030-03-01", "date_invalid"),
        ("", "", "date_invalid"),
        ("9999-12-31", "9999-12-31", None),
        ("0001-01-01", "0001-01-01", None),
    ],
)
def test_a_range_of_dates_is_checked(world: World, first: str, last: str, code: str | None) -> None:
    service = world.service(world.practitioner())
    answer = world.person().get(f"/services/{service}/slots", **{"from": first, "to": last})
    if code is None:
        assert (answer.status_code, answer.json) == (200, [])
    else:
        assert _problem(answer) == (422, code)


def test_62_days_are_allowed(world: World) -> None:
    service = world.service(world.practitioner())
    answer = world.person().get(f"/services/{service}/slots", **{"from": "2030-01-01", "to": "2030-03-03"})
    assert answer.status_code == 200
    assert len({slot["start"][:10] for slot in answer.json}) >= 62


def test_a_gateway_that_cannot_serve_the_currency_is_refused(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency="EUR")
    made = world.book(client, service)
    for gateway in ("mpesa", "razorpay", "paypal", ""):
        answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway})
        assert _problem(answer) == (422, "unknown_gateway")
    assert world.all(Attempt) == []


@pytest.mark.in_turn
@pytest.mark.parametrize("phone", ["12", "not a phone", "+919820000001", "0712 345", "07123456789012", "+", "<script>"])
def test_a_bad_phone_is_refused_beside_its_field_and_nothing_begins(world: World, phone: str) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency="KES")
    made = world.book(client, service)
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "mpesa", "phone": phone})
    assert _problem(answer) == (422, "phone_invalid")
    assert answer.json["field"] == "phone"
    assert world.all(Attempt) == []


@pytest.mark.parametrize("phone", ["0712345678", "+254 712 345 678", "254712345678"])
def test_a_phone_typed_three_ways_is_asked(world: World, phone: str) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency="KES")
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone=phone)
    assert begun["next"]["phone"] == "0712 xxx 678"


def test_only_clients_book(world: World) -> None:
    """S0-8."""
    practitioner = world.practitioner()
    service = world.service(practitioner)
    body = {"service_id": service, "start": world.start(service)}
    for other in (practitioner, world.person(Role.STAFF)):
        assert _problem(other.post("/bookings", body)) == (403, "clients_only")


def _moves(world: World) -> tuple[Caller, Caller, str]:
    practitioner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(practitioner, "approve_then_pay", "KES"))
    return practitioner, client, made["booking"]["id"]


@pytest.mark.parametrize("action", ["approve", "decline", "cancel", "start", "complete", "no-show"])
def test_acting_on_a_strangers_booking_is_404(world: World, action: str) -> None:
    _, _, booking = _moves(world)
    stranger = world.practitioner(name="Another")
    assert _problem(stranger.post(f"/bookings/{booking}/{action}", {"reason": "x"})) == (404, "not_found")


@pytest.mark.parametrize("action", ["approve", "decline", "cancel", "start", "complete", "no-show"])
def test_acting_in_a_wrong_state_is_409_and_changes_nothing(world: World, action: str) -> None:
    practitioner, client, booking = _moves(world)
    client.post(f"/bookings/{booking}/cancel")
    before = world.booking(practitioner, booking)
    assert _problem(practitioner.post(f"/bookings/{booking}/{action}", {"reason": "x"})) == (409, "not_allowed")
    assert world.booking(practitioner, booking) == before


def test_paying_in_a_wrong_state_is_409_and_nothing_begins(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert _problem(answer) == (409, "checkout_closed")
    assert world.all(Attempt) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": "XAU"}, "cannot_be_paid_currency"),
        ({"currency": "EUR", "price_amount": 10}, "cannot_be_paid_too_small"),
        ({"currency": "kes"}, "price_invalid"),
        ({"price_amount": 0}, "price_invalid"),
        ({"mode_code": "for_free"}, "mode_unknown"),
        ({"mode_code": "authorise_then_approve", "currency": "KES", "price_amount": 2_000}, "cannot_be_reserved"),
        ({"mode_code": "whatever"}, "mode_unknown"),
        ({"places": 2}, "individual_has_one_place"),
        ({"minutes": 0}, "out_of_range"),
        ({"title": "   "}, "title_invalid"),
    ],
)
def test_a_service_that_cannot_work_is_refused_with_the_reason(
    world: World, changes: dict[str, Any], code: str
) -> None:
    """Complaint 24, X13: setup refuses a mode, currency or amount that cannot work."""
    owner = world.practitioner()
    fields = {
        "title": "Session", "kind": "individual", "minutes": 50, "price_amount": 5000, "currency": "EUR",
        "mode_code": "hold_then_pay",
    }  # fmt: skip
    with world.app.app_context(), pytest.raises(Invalid) as caught:
        practice.save_service(db.session.get_one(User, owner.user_id), ServiceForm(**(fields | changes)))
    assert caught.value.code == code
    assert caught.value.field
