"""What a practice does meanwhile: it edits what it sells; and who waits for a time of it that is full."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from app.services.core.errors import Problem
from tests.histories.desk import Desk
from tests.histories.history import newest, said_of, step
from tests.histories.shelf import EDITS
from tests.support import practices

few = st.integers(0, 3)
clients = st.integers(0, 4)
services = st.integers(0, 19)
has_bookings = precondition(lambda self: self.books.bookings)


class Practice(Desk):
    """Services edited, and waiting lists."""

    @step(service=services, words=st.sampled_from(sorted(EDITS)))
    def edit_any(self, service: int, words: str) -> None:
        """A practitioner edits a service: its price, length, breaks, places, way to book, terms, or whether it is sold."""
        self._edit(self.stage.cast.services[service % len(self.stage.cast.services)].id, words)

    @has_bookings
    @step(which=few, words=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3))
    def edit_what_was_booked(self, which: int, words: list[str]) -> None:
        """The service of a booking is edited, perhaps in several ways."""
        booking = newest(self.books.bookings, which)
        for each in words:
            self._edit(booking.service_id, each)

    def _edit(self, service_id: int, words: str) -> None:
        changes = self.shelf.changes(service_id, words)
        service = next(each for each in self.stage.cast.services if each.id == service_id)
        owner = self.stage.cast.practitioners[service.practitioner_id]
        try:
            practices.edit_in(self.stage.app, owner, service_id, **changes)
        except Problem as problem:
            self.said(f"service {service_id} {words}: {problem.code}")
            return
        self.shelf.edited(service_id, changes, self.stage.time.now())
        self.said(f"service {service_id} {words}")

    @has_bookings
    @step(
        which=few,
        client=clients,
        places=st.sampled_from([1, 1, 2]),
        then=st.sampled_from(["cancel", "cancel", "decline", "leave", ""]),
    )
    def wait_for_a_place(self, which: int, client: int, places: int, then: str) -> None:
        """Somebody waits for the time of a booking; then it may be let go, or they may wait no more."""
        booking, caller = newest(self.books.bookings, which), self.stage.cast.clients[client]
        wish = {"start": booking.starts_at.isoformat(), "places": places}
        answer = caller.post(f"/services/{booking.service_id}/waits", wish)
        self.said(f"waits -> {said_of(answer)}")
        if then == "leave" and answer.status_code == 201:
            left = caller.post(f"/waits/{answer.get_json()['id']}/leave", {})
            self.said(f"leaves -> {left.status_code}")
        elif then in ("cancel", "decline"):
            by = self.caller(booking, "client" if then == "cancel" else "practitioner")
            let_go = by.post(f"/bookings/{booking.id}/{then}", {"reason": "so it is"})
            self.said(f"{then} -> {said_of(let_go)}")
