"""One of each kind of callback, page, call and clockwork, with the statements it takes; always with the same rows about it."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from app.lib import chance, clock
from app.models import Practitioner, Role
from app.services.backoffice import reconciliation, sweeps
from sandbox.control.acts import ACTS, KINDS
from sandbox.core.store import Doc
from tests.support.statements import statements
from tests.support.visitor import Visitor
from tests.support.world import World


@dataclass(frozen=True)
class Vendor:
    """What is paid at a gateway, what a payer does there whose payment fails, and the callbacks that tell of it."""

    currency: str
    fails: str
    paid: str = ""
    failed: str = ""
    sent_back: str = ""


_VENDORS = {
    "stripe": Vendor(
        "EUR", "decline", "checkout.session.completed", "payment_intent.payment_failed", sent_back="refund.updated"
    ),
    "razorpay": Vendor("INR", "fail", "payment.captured", "payment.failed", sent_back="refund.processed"),
    "mpesa": Vendor("KES", "wrong_pin"),
}
Found = dict[str, list[str]]


def counted(world: World) -> Found:
    """Each kind of work with the statements it took: the second time, when nothing has to be loaded for the first time."""
    chance.use(random.Random(1))  # rows are written in the order of their ids
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    noon = tomorrow.replace(hour=12, minute=0, second=0, microsecond=0)
    clock.use(lambda: noon + world._offset)  # moved by us alone: on a busy machine more would be due
    Kinds(world).all()
    return Kinds(world).all()


class Kinds:
    """People who do everything once, one after the other."""

    def __init__(self, world: World) -> None:
        self.world, self.found = world, Found()
        self.owner, self.client = world.practitioner(), world.person()
        self.mine, self.theirs = Visitor(world, self.client), Visitor(world, self.owner)
        self.staff = Visitor(world, world.person(Role.STAFF))
        self.services = {code: world.service(self.owner, currency=each.currency) for code, each in _VENDORS.items()}
        self.asked = world.service(self.owner, "approve_then_pay")
        self.starts = [slot["start"] for slot in world.slots(self.asked, days=8)]

    def all(self) -> Found:
        """Everything has been done once."""
        gateways = self.world.app.extensions["gateways"].items()
        for code in (code for code, gateway in gateways if not gateway.capabilities.by_hand):
            self._callbacks(code, _VENDORS[code])
        self._waiting_page()
        self._pages()
        self._calls()
        self._clockwork()
        return self.found

    def _count(self, kind: str, act: Callable[[], Any]) -> Any:
        self.world.move(seconds=1)
        with statements(self.world.app) as found:
            answer = act()
        self.found[kind] = found
        status = getattr(answer, "status_code", 200)
        assert status < 400, (kind, status)
        return answer

    def _book(self, service: int) -> dict[str, Any]:
        return self.world.book(self.client, service, self.starts.pop())

    # ---------------------------------------------------------------------------------------- money

    def _callbacks(self, code: str, vendor: Vendor) -> None:
        bill = self._book(self.services[code])
        begun = self._begin(code, bill, f"{code}: start")
        paid = self._told(lambda: self.world.act(begun), vendor.paid)
        self._deliver(f"{code}: confirm", paid)
        self._deliver(f"{code}: confirm, again", paid)
        if code == "mpesa":  # unsigned: its callback is kept, and what the query says confirms
            self._count(f"{code}: asked and confirmed", self.world.work)
        assert self.world.booking(self.client, bill["booking"]["id"])["status"] == "confirmed"
        failing = self._begin(code, self._book(self.services[code]))
        self._deliver(f"{code}: failed", self._told(lambda: self.world.act(failing, vendor.fails), vendor.failed))
        self.client.post(f"/bookings/{bill['booking']['id']}/cancel")
        self._deliver(f"{code}: refunded", self._told(lambda: self._send_back(code), vendor.sent_back))
        self.world.settle()

    def _begin(self, gateway: str, bill: dict[str, Any], kind: str = "") -> dict[str, Any]:
        def begin() -> dict[str, Any]:
            return self.world.begin(self.client, bill["checkout"]["id"], gateway)

        begun: dict[str, Any] = self._count(kind, begin) if kind else begin()
        return begun

    def _send_back(self, code: str) -> None:
        """The refund is asked for, and goes through after it was answered."""
        sandbox, refunds = self.world.sandbox.sandbox, (code, "refunds")
        if refunds in KINDS:
            sandbox.faults.add({"gateway": code, "route": "refund", "fault": "refund_pending"})
        self.world.sweep()
        if refunds in KINDS:
            ACTS[refunds]["succeed"](sandbox, sandbox.store.all(KINDS[refunds])[0]["id"])

    def _told(self, act: Callable[[], Any], event: str) -> Doc:
        """The last callback of its kind that the gateway has to send about it, kept back."""
        courier, faults = self.world.sandbox.sandbox.courier, self.world.sandbox.sandbox.faults
        before = {row["id"] for row in courier.log()}
        faults.add({"gateway": "any", "callbacks": "hold", "times": None})
        act()
        faults.clear()
        [told, *_] = [row for row in courier.log() if row["id"] not in before and row["event"].startswith(event)]
        return told

    def _deliver(self, kind: str, row: Doc) -> None:
        done = self._count(kind, lambda: self.world.sandbox.sandbox.courier.again(row["id"]))
        assert done["status"] == "delivered", done

    def _waiting_page(self) -> None:
        bill = self._book(self.services["mpesa"])
        begun = self._begin("mpesa", bill)
        path = f"/checkouts/{bill['checkout']['id']}"
        page = self._count("page: back from the gateway", lambda: self.mine.get(f"{path}?checking=1"))
        fields = dict(re.findall(r'name="(csrf_token|mark|asked)" value="([^"]*)"', page.text))
        assert len(fields) == 3, page.text
        poll = partial(self.mine.http.post, f"{path}/check", data=fields, headers={"HX-Request": "true"})
        self._count("page: waiting, asks us", poll)
        self.world.move(seconds=25)
        self._count("page: waiting, asks the gateway", poll)
        self.world.act(begun)  # the next prompt needs the phone

    # ---------------------------------------------------------------------------------------- doors

    def _pages(self) -> None:
        open_bill, request = self._book(self.services["stripe"]), self._book(self.asked)
        assert request["booking"]["status"] == "pending_approval"
        [slug] = [p.slug for p in self.world.all(Practitioner) if p.user_id == self.owner.user_id]
        service, start = self.services["stripe"], self.starts[-1].replace("+", "%2B")
        for who, name, path in (
            (self.mine, "home", "/"),
            (self.mine, "practitioner", f"/practitioners/{slug}"),
            (self.mine, "times", f"/services/{service}"),
            (self.mine, "book", f"/services/{service}/book?start={start}"),
            (self.mine, "booking", f"/bookings/{open_bill['booking']['id']}"),
            (self.mine, "my bookings", "/bookings"),
            (self.mine, "checkout", f"/checkouts/{open_bill['checkout']['id']}"),
            (self.mine, "wallet", "/wallet"),
            (self.mine, "notices", "/notices"),
            (self.theirs, "today", "/practice"),
            (self.theirs, "requests", "/practice/bookings?tab=waiting"),
            (self.theirs, "schedule", "/practice/schedule"),
            (self.staff, "staff desk", "/staff"),
        ):
            answer = self._count(f"page: {name}", lambda who=who, path=path: who.get(path))  # type: ignore[misc]
            assert answer.status_code == 200, (path, answer.status_code)

    def _calls(self) -> None:
        client, service = self.client, self.services["stripe"]
        self._count("API: practitioners", lambda: client.get("/practitioners"))
        self._count("API: free times", lambda: self.world.slots(service))
        bill = self._count("API: book", lambda: self._book(service))
        self._count("API: booking", lambda: client.get(f"/bookings/{bill['booking']['id']}"))
        self._count("API: bookings", lambda: client.get("/bookings"))
        self._count("API: checkout", lambda: client.get(f"/checkouts/{bill['checkout']['id']}"))
        self._count("API: cancel", lambda: client.post(f"/bookings/{bill['booking']['id']}/cancel"))
        request = self._count("API: ask for a session", lambda: self._book(self.asked))
        self._count("API: approve", lambda: self.owner.post(f"/bookings/{request['booking']['id']}/approve"))

    def _clockwork(self) -> None:
        for _ in range(2):
            self.world.sweep()
            self.world.settle()
        with self.world.app.app_context():
            done = self._count("sweep with nothing to do", sweeps.sweep)
        assert not any(done.values()), done
        with self.world.rows():
            self._count("audit", reconciliation.breaches)
