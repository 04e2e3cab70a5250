"""The application as a whole: every route against both real databases, and what every answer must and must not have."""

import logging
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import BuildError, Rule

from app import create_app
from app.domain.money import Money
from app.extensions import db, limiter
from app.models import (
    Attempt,
    Base,
    Booking,
    Checkout,
    Consultation,
    DayException,
    Paper,
    Practitioner,
    RejectedCallbacks,
    Review,
    Role,
    Service,
    User,
)
from app.services import practice
from config import ROOT
from tests.support import papers
from tests.support.gateways import BY_CODE, GATEWAYS
from tests.support.world import PASSWORD, Caller, World

WHO = ("anonymous", "client", "practitioner", "staff")
CONTRACT = [
    "post /auth/register", "post /auth/token", "get /practitioners", "get /practitioners/{slug}",
    "get /services/{id}/slots", "post /bookings", "get /bookings", "get /bookings/{id}",
    "post /bookings/{id}/approve", "post /bookings/{id}/decline", "post /bookings/{id}/cancel",
    "post /bookings/{id}/start", "post /bookings/{id}/complete", "post /bookings/{id}/no-show",
    "get /checkouts/{id}", "post /checkouts/{id}/cancel", "post /checkouts/{id}/attempts",
]  # fmt: skip


# ------------------------------------------------------------------------------------------------ a lived-in Kikao


class Town:
    """People and, of everything that can happen to a booking, one; and time has passed that no sweep has seen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client, self.owner, self.staff = world.person(), world.practitioner(), world.person(Role.STAFF)
        self._services()
        self._happenings()
        world.settle()
        world.drop_callbacks()  # from here on nothing but the requests of the test reaches the application
        world.move(minutes=20)  # holds have lapsed, look-ups and messages are due
        self._values = self._find()

    def _services(self) -> None:
        make = self.world.service
        self.card, self.upi, self.push = (make(self.owner, currency=c, title=c) for c in ("EUR", "INR", "KES"))
        self.asked = make(self.owner, "approve_then_pay", title="Asked")
        self.drafted = make(self.owner, "pay_then_book", title="Drafted")
        self.group = make(self.owner, places=3, title="Group")
        papers.intake(self.owner, [self.card, self.asked])

    def _happenings(self) -> None:
        world, client = self.world, self.client
        starts = [slot["start"] for slot in world.slots(self.card, 4)]
        world.booked(client, self.card, start=starts[40])
        cancelled = world.booked(client, self.upi, "razorpay", start=starts[42])
        client.post(f"/bookings/{cancelled['id']}/cancel", {"reason": "ill"})
        world.book(client, self.asked, starts[44])
        declined = world.book(client, self.asked, starts[46])
        self.owner.post(f"/bookings/{declined['booking']['id']}/decline", {"reason": "away"})
        for service, gateway, nth in (
            (self.card, "stripe", 48), (self.upi, "razorpay", 50), (self.push, "mpesa", 52), (self.drafted, "stripe", 54),
        ):  # fmt: skip
            begun = world.begin(client, world.book(client, service, starts[nth])["checkout"]["id"], gateway)
        world.act(begun, "pay", amount=1, currency="eur")  # the draft: another amount, so a person must look
        world.book(client, self.group, starts[56], places=2)
        self._questions()
        with world.rows() as session:
            user = session.get_one(User, self.owner.user_id)
            practice.add_exception(user, session.scalars(select(Booking.starts_at)).first().date(), None, None, "away")

    def _questions(self) -> None:
        world, client = self.world, self.client
        with world.rows() as session:
            user, price = session.get_one(User, self.owner.user_id), Money(2_500, "EUR")
            profile = {"headline": "", "about": "", "languages": "en", "zone": "Africa/Nairobi", "published": True}
            slug = practice.change_profile(user, name="Dr. Amina Otieno", question_price=price, **profile).slug
        asked = [client.post(f"/practitioners/{slug}/questions", {"question": text}) for text in ("Why?", "When?")]
        world.act(world.begin(client, asked[0].json["checkout"]["id"]))

    def _find(self) -> dict[str, list[str]]:
        with self.world.rows() as session:
            found = {
                "booking_id": list(session.scalars(select(Booking.id))),
                "checkout_id": list(session.scalars(select(Checkout.id))),
                "consultation_id": list(session.scalars(select(Consultation.id))),
                "attempt_id": list(session.scalars(select(Attempt.id))),
                "review_id": list(session.scalars(select(Review.id))),
                "service_id": list(session.scalars(select(Service.id))),
                "exception_id": list(session.scalars(select(DayException.id))),
                "slug": list(session.scalars(select(Practitioner.slug))),
                "paper_id": list(session.scalars(select(Paper.id))),
            }
        return {name: [str(value) for value in values] for name, values in found.items()} | {
            "filename": ["kikao.css"],
            "gateway_code": ["stripe", "mpesa"],
            "token": ["x", "%00"],
        }

    def browser(self, who: str) -> FlaskClient:
        """A browser in which `who` has logged in."""
        browser = self.world.app.test_client()
        if who == "anonymous":
            return browser
        email = self.world.email({"client": self.client, "practitioner": self.owner, "staff": self.staff}[who])
        form = {"email": email, "password": PASSWORD, "csrf_token": csrf(browser, "/login")}
        assert browser.post("/login", data=form).status_code == 303
        return browser

    def token(self, who: str) -> dict[str, str]:
        """The same person's bearer token."""
        caller: Caller | None = {"client": self.client, "practitioner": self.owner, "staff": self.staff}.get(who)
        return {"Authorization": f"Bearer {caller.token}"} if caller else {}

    def addresses(self, rule: Rule) -> list[str]:
        """The rule with every value it could have here, one that does not exist, and one that cannot."""
        names = sorted(rule.arguments)
        if not names:
            return [rule.rule]
        strange = {"UUIDConverter": str(uuid.UUID(int=1)), "IntegerConverter": str(10**20)}
        sets = [{name: known[n % len(known)] for name in names if (known := self._values.get(name))} for n in range(12)]
        nothing = {name: strange.get(type(rule._converters[name]).__name__, "nobody") for name in names}
        odd = {name: strange.get(type(rule._converters[name]).__name__, "%F0%9F%92%A9'\"<x>") for name in names}
        adapter = self.world.app.url_map.bind("localhost")
        found: dict[str, None] = {}
        for values in [*(nothing | one for one in sets), nothing, odd]:
            try:
                found[_path(rule, values) or adapter.build(rule.endpoint, values)] = None
            except BuildError:
                continue
        return list(found)


def _path(rule: Rule, values: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: values[match[1]], rule.rule)


def csrf(browser: FlaskClient, page: str) -> str:
    """The token of a form on the page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)
    assert found, f"no form on {page}"
    return found[1]


def rules(app: Flask, method: str) -> list[Rule]:
    """Every route that answers `method`."""
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


@pytest.fixture
def town(world: World) -> Town:
    """A Kikao that has been lived in."""
    return Town(world)


QUERIES = (
    {},
    {
        "page": "-1",
        "q": "%'\u202e",
        "tab": "nothing",
        "status": "9",
        "month": "2027-13",
        "day": "x",
        "from": "0001-01-01",
    },
    {
        "page": "9" * 30,
        "from": "9999-12-31",
        "to": "9999-12-31",
        "start": "0001-01-01T00:00:00+14:00",
        "next": "//evil",
    },
    {"from": "2027-01-01", "to": "2027-01-20", "start": "2027-01-05T09:00:00Z", "places": "x", "currency": "\x00"},
)


@pytest.mark.parametrize("who", WHO)
def test_every_get_route_answers_and_none_fails(town: Town, who: str) -> None:
    """S3-1: exercised against the real database; 500 is never an answer, whoever asks and however oddly."""
    browser, wrong = town.browser(who), []
    for rule in rules(town.world.app, "GET"):
        addresses = town.addresses(rule)
        for n, address in enumerate(addresses):
            for query in QUERIES if n in (0, len(addresses) - 1) else QUERIES[:1]:
                answer = browser.get(address, query_string=query, headers=_headers(town, address, who))
                if answer.status_code >= 500 and rule.endpoint != "health.readyz":  # it sees that the clock was moved
                    wrong.append((answer.status_code, rule.endpoint, address, query))
                answer.close()
    assert not wrong, _told(wrong)


@pytest.mark.parametrize("who", WHO)
def test_every_post_route_survives_an_empty_and_an_odd_form(town: Town, who: str) -> None:
    """S3-1: the other half of the routes."""
    browser, wrong = town.browser(who), []
    page = "/login" if who == "anonymous" else "/profile"
    odd = {"email": "x\x00", "price": "1e9", "start": "now", "reason": "x" * 999, "hours": "25:00", "day": "2027-02-30"}
    last = ("people.logout", "people.log_in", "people.sign_up")
    token = csrf(browser, page)
    everything = sorted(rules(town.world.app, "POST"), key=lambda rule: rule.endpoint in last)
    for rule in everything:
        addresses = town.addresses(rule)
        for address in dict.fromkeys((addresses[0], addresses[-1])):
            for form in ({}, odd):
                headers = _headers(town, address, who)
                answer = (
                    browser.post(address, json=form, headers=headers)
                    if address.startswith("/api/")
                    else browser.post(address, data=form | {"csrf_token": token}, headers=headers)
                )
                if answer.status_code >= 500:
                    wrong.append((answer.status_code, rule.endpoint, address, form))
        if rule.endpoint in last:
            browser = town.browser(who)
            token = csrf(browser, page)
    assert not wrong, _told(wrong)


@pytest.mark.parametrize("who", WHO)
def test_no_get_route_changes_any_row(town: Town, who: str) -> None:
    """Invariant 7, with holds lapsed and look-ups due: looking never writes, not even what the clock has ended."""
    browser = town.browser(who)
    before = dump(town.world)
    for rule in rules(town.world.app, "GET"):
        addresses = town.addresses(rule)
        browser.head(addresses[0], headers=_headers(town, addresses[0], who)).close()
        for address in addresses:
            browser.get(address, headers=_headers(town, address, who)).close()
    after = dump(town.world)
    assert {name for name in before if before[name] != after[name]} == set()


def test_a_stranger_finds_nothing_where_others_have_something(town: Town) -> None:
    """Invariant 7: another person's object answers 404, the same as one that never existed."""
    stranger = town.world.person()
    browser = town.world.app.test_client()
    form = {"email": town.world.email(stranger), "password": PASSWORD, "csrf_token": csrf(browser, "/login")}
    browser.post("/login", data=form)
    headers = {"Authorization": f"Bearer {stranger.token}"}
    for rule in rules(town.world.app, "GET"):
        if not rule.arguments & {"booking_id", "checkout_id", "consultation_id", "attempt_id"}:
            continue
        for address in town.addresses(rule):
            answer = browser.get(address, headers=headers if address.startswith("/api/") else {}, follow_redirects=True)
            assert answer.status_code == 404, address


def _headers(town: Town, address: str, who: str) -> dict[str, str]:
    return town.token(who) if address.startswith("/api/") else {}


def _told(wrong: list[Any]) -> str:
    seen = {(status, endpoint) for status, endpoint, *_ in wrong}
    return f"{len(wrong)} answers, {len(seen)} routes: {sorted(seen)}; for example {wrong[:3]}"


def dump(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with world.rows() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


# ------------------------------------------------------------------------------------------------ every answer


@pytest.mark.parametrize("address", ["/", "/login", "/practitioners", "/nowhere", "/healthz", "/api/v1/practitioners"])
def test_every_answer_tells_browsers_what_they_may_do(app: Flask, address: str) -> None:
    headers = app.test_client().get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_over_tls_browsers_are_told_to_stay_there(app: Flask) -> None:
    answer = app.test_client().get("/", base_url="https://kikao.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_static_files_with_their_mark_are_kept_for_ever(app: Flask) -> None:
    http = app.test_client()
    marked = re.search(r'href="(/static/kikao\.css\?v=\w+)"', http.get("/").text)
    assert marked
    for address, kept in ((marked[1], True), ("/static/kikao.css", False)):
        with http.get(address) as answer:
            assert ("immutable" in answer.headers["Cache-Control"]) is kept


def test_the_process_and_its_surroundings_say_how_they_are(app: Flask) -> None:
    http = app.test_client()
    assert (http.get("/healthz").status_code, http.get("/healthz").json) == (200, {"status": "ok"})
    answer = http.get("/readyz")
    assert answer.status_code == 200
    assert {name: answer.json[name] for name in ("status", "database", "migrations", "clock")} == dict.fromkeys(
        ("status", "database", "migrations", "clock"), "ok"
    )


@pytest.mark.parametrize("seconds", [-600, 600, 26 * 3600])
def test_a_clock_that_differs_from_the_databases_makes_it_unready(world: World, seconds: int) -> None:
    """S9-F19: no hold ends early because one machine's clock is wrong."""
    world.move(seconds=seconds)
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert re.search(r"differs from the database's by \d+ s", answer.json["clock"])


def test_programs_get_problems_and_people_get_pages(app: Flask) -> None:
    http = app.test_client()
    program = http.get("/api/v1/nothing")
    assert (program.status_code, program.content_type) == (404, "application/problem+json")
    assert program.json["code"] == "not_found"
    page = http.get("/nothing")
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")


@pytest.mark.parametrize(("path", "allowed"), [("/api/v1/bookings", {"GET", "POST"}), ("/login", {"GET", "POST"})])
def test_who_uses_a_wrong_method_is_told_the_right_ones(app: Flask, path: str, allowed: set[str]) -> None:
    answer = app.test_client().delete(path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) >= allowed


def test_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    counted = create_app({**world.app.config["ENVIRON"], "KIKAO_RATE_LIMITS": "on"})
    http, wrong = counted.test_client(), {"email": "nobody@people.test", "password": "not this one"}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', http.get("/login").text)
    assert token
    try:
        program = [http.post("/api/v1/auth/token", json=wrong) for _ in range(11)][-1]
        page = [http.post("/login", data=wrong | {"csrf_token": token[1]}) for _ in range(11)][-1]
    finally:
        limiter.enabled = False
        with counted.app_context():
            db.engine.dispose()
    assert (program.json["code"], program.content_type) == ("too_often", "application/problem+json")
    assert page.content_type.startswith("text/html")
    for answer in (program, page):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 301


# ------------------------------------------------------------------------------------------------ the description


def _document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_the_description_lists_every_call_of_the_contract(app: Flask) -> None:
    """The contract of architecture.md; the names of parameters are ours."""
    plain = {
        f"{method} {re.sub(r'{w*_?id}|{[a-z]+_id}', '{id}', path)}"
        for path, item in _document(app)["paths"].items()
        for method in item
    }
    assert not [call for call in CONTRACT if call not in plain]


def test_the_description_is_well_formed_openapi_3_1(app: Flask) -> None:
    """By the rules of the specification that a document of ours could break; every reference leads somewhere."""
    document = _document(app)
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    operations = [(path, method, op) for path, item in document["paths"].items() for method, op in item.items()]
    assert len({operation["operationId"] for *_, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert path.startswith("/")
        assert method in {"get", "post", "put", "patch", "delete"}
        declared = [(p["name"], p["in"]) for p in operation.get("parameters", [])]
        assert len(declared) == len(set(declared))
        assert {name for name, where in declared if where == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        assert all("schema" in p for p in operation["parameters"])
        assert operation["responses"]
        for code, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5](\d\d|XX)|default", code)
            assert response["description"]
        assert method == "post" or "requestBody" not in operation
        for scheme in operation["security"]:
            assert set(scheme) <= set(document["components"]["securitySchemes"])
    for reference in set(_references(document)):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_every_described_call_exists_and_every_call_is_described(app: Flask) -> None:
    described = {
        (method.upper(), re.sub(r"{(\w+)}", r"<\1>", path))
        for path, item in _document(app)["paths"].items()
        for method in item
    }
    there = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == there


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


# ------------------------------------------------------------------------------------------------ start


def test_importing_the_application_builds_nothing(tmp_path: Path) -> None:
    """A worker or a tool may import it without settings: no database, no gateway, no refusal, until create_app()."""
    script = (
        "import sys, app, app.extensions\n"
        "assert app.extensions.queue.redis is None if hasattr(app.extensions.queue, 'redis') else True\n"
        "assert not [m for m in ('stripe', 'razorpay', 'rq') if m in sys.modules], 'a vendor was imported'\n"
        "assert callable(app.create_app)\n"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "KIKAO_ENV": "production", "GATEWAYS": "nothing"}
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/made.db"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_applications_of_one_process_keep_their_own_tables(tmp_path: Path, app: Flask) -> None:
    other = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}", "SECRET_KEY": "k" * 40})
    with other.app_context():
        Base.metadata.create_all(db.engine)
        assert db.session.scalars(select(User)).all() == []
        db.session.add(RejectedCallbacks(gateway="stripe", day=_today(), count=1))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with app.app_context():
        assert db.session.scalars(select(RejectedCallbacks)).all() == []


def _today() -> Any:
    from app.lib import clock

    return clock.now().date()


# ------------------------------------------------------------------------------------------------ logs


def _everything(records: list[logging.LogRecord]) -> str:
    lines = []
    for record in records:
        if record.name.startswith(("werkzeug", "mail.")):
            continue  # the development server and the mailbox of these tests, not Kikao
        extras = {key: value for key, value in vars(record).items() if key not in ("args", "msg")}
        lines.append(f"{record.getMessage()} {extras}")
    return "\n".join(lines)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_no_phone_address_or_secret_is_ever_logged(
    world: World, caplog: pytest.LogCaptureFixture, gateway: str, currency: str
) -> None:
    """S3-24, S1-19: over a whole flow with a failed try, a forged callback, an outage, a payment, a cancellation."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="app")
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, currency=currency)
    route = BY_CODE[gateway].begins
    world.faults(gateway=gateway, route=route, fault="500", when="before", times=1)
    made = world.book(client, service, notes="I have a secret sorrow")
    client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway, "phone": "0712345678"})
    world.app.test_client().post(f"/callbacks/{gateway}", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    world.move(minutes=5)
    world.sweep()
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.act(begun)
    world.app.test_client().post(
        "/api/v1/auth/token", json={"email": world.email(client), "password": "a wrong password"}
    )
    client.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "a private reason"})
    world.sweep()
    said = _everything(caplog.records)
    assert "callback.received" in said or "inbox.settled" in said, "nothing was logged: this test proves nothing"
    secrets = [value for name, value in world.sandbox.env.items() if re.search("SECRET|PASSKEY|CONSUMER", name)]
    targets = [row["target"] for row in world.sandbox.sandbox.courier.log() if row["target"]]
    private = [
        "712345678", "712 345 678", client.token, owner.token, PASSWORD, "a wrong password", world.email(client),
        "secret sorrow", "a private reason", world.app.config["SECRET_KEY"], *secrets,
        *(target.rsplit("/", 1)[1] for target in targets),
    ]  # fmt: skip
    assert [word for word in private if word in said] == []
