"""The session room: a link in time, a call with its length, a session completed with notes and proof, or missed."""

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.lib import clock
from app.models import Booking, Change, Role, SessionProof
from tests.support.proofs import JPEG, PDF, PNG, Pages, multipart
from tests.support.visitor import words
from tests.support.world import Caller, World

_KIND = "multipart/form-data; boundary=kikao"


class Scene:
    """A confirmed session of one client with one practitioner, and the way to its hour."""

    def __init__(self, world: World, **service: Any) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.service = world.service(self.owner, "pay_after", **service)
        made = world.book(self.client, self.service, world.start(self.service, 2))
        self.id = made["booking"]["id"]
        self.starts = datetime.fromisoformat(made["booking"]["start"])

    def at(self, minutes: float) -> None:
        """It is so many minutes after the agreed beginning (before, if negative)."""
        seconds = (self.starts - clock.now()).total_seconds() + minutes * 60
        self.world.move(seconds=seconds)

    def seen(self, who: Caller | None = None) -> dict[str, Any]:
        """The booking as one of them sees it."""
        return self.world.booking(who or self.client, self.id)

    def act(self, who: Caller, action: str, **body: Any) -> TestResponse:
        """POST /bookings/{id}/{action}."""
        return who.post(f"/bookings/{self.id}/{action}", body)

    @property
    def room(self) -> str:
        """The page."""
        return f"/bookings/{self.id}/room"


@pytest.fixture
def scene(world: World) -> Scene:
    """A session with a room of its own."""
    return Scene(world)


def _code(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


# ------------------------------------------------------------------------------------------------ the link


def test_the_link_is_seen_from_five_minutes_before_by_those_who_take_part(world: World, scene: Scene) -> None:
    """S2-11, X12: visible to confirmed participants from T-5; `ready` by the clock; gone when the session has ended."""
    scene.at(-6)
    before = scene.seen()
    assert (before["meeting"]["url"], before["ready"]) == (None, False)
    assert datetime.fromisoformat(before["meeting"]["available_from"]) == scene.starts - timedelta(minutes=5)
    scene.at(-4.9)
    seen = [scene.seen(who) for who in (scene.client, scene.owner)]
    assert all(s["ready"] and s["status"] == "confirmed" for s in seen)
    url = seen[0]["meeting"]["url"]
    assert re.fullmatch(r"https://meet\.jit\.si/kikao-[2-9A-Z]{24}", url)
    assert seen[1]["meeting"]["url"] == url
    assert scene.seen(world.person(Role.STAFF))["meeting"] == before["meeting"]
    assert world.person().get(f"/bookings/{scene.id}").status_code == 404
    scene.at(0)
    assert scene.act(scene.owner, "start").json["meeting"]["url"] == url
    assert scene.act(scene.owner, "complete").json["meeting"]["url"] is None


def test_two_bookings_have_two_rooms_and_a_group_has_one(world: World) -> None:
    owner = world.practitioner()
    alone, group = world.service(owner), world.service(owner, places=3, title="Group")
    starts = [slot["start"] for slot in world.slots(alone)]
    for nth, service in ((0, alone), (1, alone), (2, group), (2, group)):
        world.book(world.person(), service, starts[nth])
    rooms = [b.meeting_where for b in sorted(world.all(Booking), key=lambda b: (b.starts_at, b.created_at))]
    assert len(set(rooms)) == 3
    assert rooms[2] == rooms[3]


@pytest.mark.parametrize("end", ["cancel", "never paid"])
def test_no_link_without_a_confirmed_booking(world: World, end: str) -> None:
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    if end == "cancel":
        client.post(f"/bookings/{made['booking']['id']}/cancel")
    start = datetime.fromisoformat(made["booking"]["start"])
    world.move(seconds=(start - clock.now()).total_seconds() - 60)
    assert world.booking(client, made["booking"]["id"])["meeting"]["url"] is None
    page = Pages(world, client).get(f"/bookings/{made['booking']['id']}/room")
    assert "This session is not open" in page.text
    assert "meet.jit.si" not in page.text


def test_minutes_are_settings(world: World, scene: Scene) -> None:
    """S2-11: configurable: the link, the start, the grace for a client who is late."""
    before = {name: world.app.config[name] for name in ("LINK_MINUTES", "START_MINUTES", "NO_SHOW_MINUTES")}
    try:
        world.app.config.update(LINK_MINUTES=30, START_MINUTES=2, NO_SHOW_MINUTES=20)
        scene.at(-29)
        assert scene.seen()["meeting"]["url"]
        scene.at(-3)
        assert _code(scene.act(scene.owner, "start")) == (409, "too_early")
        scene.at(19)
        assert _code(scene.act(scene.owner, "no-show")) == (409, "too_early")
        scene.at(20)
        assert scene.act(scene.owner, "no-show").json["status"] == "no_show"
    finally:
        world.app.config.update(before)


def test_a_fixed_link_a_place_and_a_link_that_is_typed(world: World) -> None:
    """S3-15, S3-25: each kind of meeting as the service says; frozen with the booking."""
    fixed = Scene(world, meeting_kind="fixed", meeting_where=" https://meet.example.com/amina ")
    place = Scene(world, meeting_kind="in_person", meeting_where="12 Oginga Odinga St")
    typed = Scene(world, meeting_kind="typed", meeting_where="https://ignored.example/")
    assert (place.seen()["meeting"]["place"], place.seen()["meeting"]["url"]) == ("12 Oginga Odinga St", None)
    for each, url in ((fixed, "https://meet.example.com/amina"), (place, None), (typed, None)):
        each.at(-1)
        assert each.seen()["meeting"]["url"] == url
    assert _code(place.act(place.client, "start-call")) == (409, "meeting_in_person")
    assert _code(place.act(place.owner, "link", url="https://a.example/")) == (409, "meeting_in_person")
    assert "has not given" not in Pages(world, typed.owner).get(typed.room).text
    assert "There is no link yet" in Pages(world, typed.client).get(typed.room).text


def test_the_practitioner_gives_another_link_and_the_client_is_told_where_to_look(world: World, scene: Scene) -> None:
    """S3-15: told once per change, without the link; leads to the room; nothing when it is the same."""
    url = "https://meet.example.com/other?pwd=1"
    assert scene.act(scene.owner, "link", url=url).json["meeting"]["url"] is None
    assert scene.act(scene.owner, "link", url=f" {url} ").status_code == 200
    world.sweep()
    assert world.notices(scene.client).count("meeting_link_changed") == 1
    [mail] = [m for m in world.mails(world.email(scene.client)) if "/room" in m["text"]]
    assert "meet.example.com" not in str(mail)
    assert f'href="{scene.room}"' in Pages(world, scene.client).get("/notices").text
    scene.at(-5)
    assert scene.seen()["meeting"]["url"] == url


def test_a_link_for_one_of_a_group_is_the_link_of_all(world: World) -> None:
    owner = world.practitioner()
    group, clients = world.service(owner, "pay_after", places=3), [world.person() for _ in range(3)]
    made = [world.book(client, group, world.start(group))["booking"]["id"] for client in clients[:2]]
    assert owner.post(f"/bookings/{made[0]}/link", {"url": "https://meet.example.com/g"}).status_code == 200
    world.book(clients[2], group, world.start(group))
    assert {b.meeting_where for b in world.all(Booking)} == {"https://meet.example.com/g"}
    assert [world.notices(client).count("meeting_link_changed") for client in clients] == [1, 1, 0]


def test_a_message_about_a_link_is_dropped_when_the_session_is_off(world: World, scene: Scene) -> None:
    scene.act(scene.owner, "link", url="https://meet.example.com/other")
    scene.act(scene.owner, "cancel", reason="ill")
    world.sweep()
    assert not [m for m in world.mails(world.email(scene.client)) if "/room" in m["text"]]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://meet.example.com/a", "link_scheme"),
        ("javascript:alert(1)", "link_scheme"),
        ("data:text/html,x", "link_scheme"),
        ("https://me:pw@meet.example.com/", "link_secret"),
        ("https://meet.example.com/\u202eabc", "link_invalid"),
        ("https://" + "a" * 500 + ".example/", "too_long"),
        ("", "link_missing"),
    ],
)
def test_another_scheme_is_refused_beside_its_field_with_what_was_typed(world: World, url: str, code: str) -> None:
    """S3-15: bad input: 422 with a code; on the page beside the field."""
    scene = Scene(world)
    answer = scene.act(scene.owner, "link", url=url)
    assert (*_code(answer), answer.json["field"]) == (422, code, "url")
    page = Pages(world, scene.owner).post(f"/bookings/{scene.id}/link", {"url": url}, page=scene.room)
    assert page.status_code == 422
    assert 'id="url-error"' in page.text
    assert not url or re.search(r'<input[^>]*name="url"[^>]*value="[^"]', page.text)


def test_only_the_practitioner_of_a_session_to_come_gives_a_link(world: World, scene: Scene) -> None:
    link = {"url": "https://meet.example.com/x"}
    assert _code(scene.act(world.person(), "link", **link)) == (404, "not_found")
    assert _code(scene.act(world.practitioner(), "link", **link)) == (404, "not_found")
    assert _code(scene.act(scene.client, "link", **link)) == (403, "forbidden")
    assert _code(scene.act(world.person(Role.STAFF), "link", **link)) == (403, "forbidden")
    assert Pages(world, scene.client).post(f"/bookings/{scene.id}/link", link).status_code == 404
    scene.act(scene.client, "cancel")
    assert _code(scene.act(scene.owner, "link", **link)) == (409, "not_allowed")


# ------------------------------------------------------------------------------------------------ start and call


@pytest.mark.parametrize("who", ["client", "owner"])
def test_a_participant_starts_from_ten_minutes_before_and_the_other_is_told(
    world: World, scene: Scene, who: str
) -> None:
    """S2-4, S2-10, S2-27: participant, Confirmed, InProgress; notice and mail lead to the room."""
    mine, other = (scene.client, scene.owner) if who == "client" else (scene.owner, scene.client)
    scene.at(-10.1)
    assert _code(scene.act(mine, "start")) == (409, "too_early")
    scene.at(-9.9)
    assert scene.act(mine, "start").json["status"] == "in_progress"
    assert _code(scene.act(mine, "start")) == (409, "not_allowed")
    assert "session_started" not in world.notices(mine)
    assert world.notices(other).count("session_started") == 1
    world.sweep()
    assert any(f"/bookings/{scene.id}/room" in str(mail) for mail in world.mails(world.email(other)))


@pytest.mark.in_turn
@pytest.mark.parametrize("action", ["start", "start-call", "end-call", "complete", "no-show"])
def test_strangers_find_nothing_and_what_is_off_stays_off(world: World, scene: Scene, action: str) -> None:
    """S2-27, S2-28: unauthorised may not; a cancelled booking cannot be held."""
    scene.at(0)
    for stranger in (world.person(), world.practitioner()):
        assert _code(scene.act(stranger, action)) == (404, "not_found")
    scene.act(scene.client, "cancel")
    code = "call_not_started" if action == "end-call" else "not_allowed"
    assert _code(scene.act(scene.owner, action)) == (409, code)


def test_a_call_has_a_beginning_an_end_and_a_length_and_completes_nothing(world: World, scene: Scene) -> None:
    """S3-9, S3-10, S3-25: start-call starts the session too; end-call notes the minutes; doubles change nothing."""
    scene.at(-11)
    assert _code(scene.act(scene.client, "start-call")) == (409, "too_early")
    assert _code(scene.act(scene.client, "end-call")) == (409, "call_not_started")
    scene.at(1)
    first = scene.act(scene.client, "start-call").json
    assert (first["status"], first["call"]["minutes"]) == ("in_progress", None)
    world.move(minutes=1)
    assert scene.act(scene.owner, "start-call").json["call"] == first["call"]
    world.move(minutes=40, seconds=30)
    ended = scene.act(scene.owner, "end-call").json
    assert (ended["status"], ended["call"]["minutes"]) == ("in_progress", 42)
    world.move(minutes=5)
    assert scene.act(scene.client, "end-call").json["call"] == ended["call"]
    assert scene.act(scene.client, "start-call").json["call"] == ended["call"]
    assert world.notices(scene.owner).count("session_started") == 1
    assert [c.to_status for c in world.all(Change) if c.subject == "call"] == ["started", "ended"]


def test_completing_ends_the_call(world: World, scene: Scene) -> None:
    scene.at(0)
    scene.act(scene.client, "start-call")
    world.move(minutes=50)
    assert scene.act(scene.owner, "complete").json["call"]["minutes"] in (50, 51)
    assert scene.act(scene.client, "end-call").status_code == 200


def test_staff_make_no_calls(world: World, scene: Scene) -> None:
    scene.at(0)
    assert _code(scene.act(world.person(Role.STAFF), "start-call")) == (403, "forbidden")


@pytest.mark.parametrize(("action", "answers"), [("start", [200, 409]), ("start-call", [200, 200])])
def test_both_press_start_at_once_and_it_starts_once(world: World, action: str, answers: list[int]) -> None:
    """S2-10: two participants at the same instant, several times over."""
    for _ in range(5):
        scene = Scene(world)
        scene.at(0)
        gate, found = threading.Barrier(2), []

        def press(who: Caller, scene: Scene = scene, gate: threading.Barrier = gate, found: list[int] = found) -> None:
            gate.wait()
            found.append(scene.act(who, action).status_code)

        threads = [threading.Thread(target=press, args=(who,)) for who in (scene.client, scene.owner)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == answers
        changes = [c for c in world.all(Change) if str(c.booking_id) == scene.id]
        assert [c.to_status for c in changes].count("in_progress") == 1
        assert sum(world.notices(who).count("session_started") for who in (scene.client, scene.owner)) == 1
        assert len([c for c in changes if c.subject == "call"]) == (1 if action == "start-call" else 0)


# ------------------------------------------------------------------------------------------------ how it went


def _complete(who: Caller, booking_id: str, content: bytes, name: str, notes: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {who.token}"}
    body = multipart({"file": (content, name), "notes": notes})
    return who.http.post(f"/api/v1/bookings/{booking_id}/complete", data=body, content_type=_KIND, headers=headers)


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [(PNG, "../../Our Session.exe", "Our-Session.png"), (PDF, "notes.pdf", "notes.pdf"), (JPEG, "x.png", "x.jpg")],
)
def test_a_session_is_completed_with_notes_and_proof(
    world: World, scene: Scene, content: bytes, name: str, kept: str
) -> None:
    """S2-5, S2-13, S2-28, S3-16, S3-28: notes for the practitioner alone, the proof for staff too; both are told."""
    scene.at(0)
    scene.act(scene.owner, "start")
    assert _code(_complete(scene.client, scene.id, content, name)) == (409, "not_allowed")
    assert _complete(scene.owner, scene.id, content, name, "It went well.").json["status"] == "completed"
    assert _code(_complete(scene.owner, scene.id, content, name)) == (409, "not_allowed")
    assert len(world.all(SessionProof)) == 1
    for who in (scene.client, scene.owner):
        assert world.notices(who).count("session_completed") == 1
    path = f"/bookings/{scene.id}/session-proof"
    for who in (scene.owner, world.person(Role.STAFF)):
        answer = Pages(world, who).get(path)
        assert answer.data == content
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{kept}"'
        assert (answer.headers["X-Content-Type-Options"], "sandbox" in answer.headers["Content-Security-Policy"]) == (
            "nosniff",
            True,
        )
    for who in (scene.client, world.person(), world.practitioner()):
        assert Pages(world, who).get(path).status_code == 404
    for page in (scene.room, f"/bookings/{scene.id}"):
        assert "It went well." not in Pages(world, scene.client).get(page).text
    assert "It went well." in Pages(world, scene.owner).get(f"/bookings/{scene.id}").text


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<script>alert(1)</script>", "a.png", "proof_type"),
        (b"MZ" + b"\x00" * 64, "a.pdf", "proof_type"),
        (PNG[:-10], "a.png", "proof_type"),
        (b"", "a.png", "proof_type"),
        (PNG + b"\x00" * (5 * 1024 * 1024), "a.png", "proof_size"),
    ],
)
def test_a_proof_of_a_false_type_completes_nothing(world: World, content: bytes, name: str, code: str) -> None:
    """S3-16: known by its content; the notes that were typed are still there."""
    scene = Scene(world)
    scene.at(0)
    scene.act(scene.owner, "start")
    assert _code(_complete(scene.owner, scene.id, content, name)) == (422, code)
    sent = {"file": (content, name), "notes": "Long & thoughtful"}
    page = Pages(world, scene.owner).post(f"/bookings/{scene.id}/complete", sent, page=scene.room)
    assert page.status_code == 422
    assert 'id="file-error"' in page.text
    assert "Long &amp; thoughtful" in page.text
    assert (scene.seen()["status"], world.all(SessionProof)) == ("in_progress", [])


def test_what_has_not_begun_cannot_be_completed(scene: Scene) -> None:
    """S2-13: must be InProgress."""
    scene.at(5)
    assert _code(scene.act(scene.owner, "complete")) == (409, "not_allowed")


def test_a_client_who_does_not_come_is_noted_after_a_grace_and_told_kindly(world: World, scene: Scene) -> None:
    """S2-13, S2-28: from confirmed after the grace; reason kept; both told, the client in kind words."""
    scene.at(9)
    assert _code(scene.act(scene.owner, "no-show")) == (409, "too_early")
    assert _code(scene.act(scene.client, "no-show")) == (409, "not_allowed")
    scene.at(10)
    done = scene.act(scene.owner, "no-show", reason="Waited ten minutes").json
    assert (done["status"], done["code"], done["reason"]) == ("no_show", 4, "Waited ten minutes")
    world.sweep()
    for who in (scene.client, scene.owner):
        assert world.notices(who).count("session_no_show") == 1
    assert any("We hope you are well" in str(mail) for mail in world.mails(world.email(scene.client)))


def test_a_session_that_was_started_can_be_noted_as_missed_from_its_hour_on(scene: Scene) -> None:
    """S2-13: from InProgress too, but never before the agreed time."""
    scene.at(-9)
    scene.act(scene.owner, "start")
    assert _code(scene.act(scene.owner, "no-show")) == (409, "too_early")
    scene.at(0.1)
    assert scene.act(scene.owner, "no-show", reason="Nobody came").json["status"] == "no_show"


# ------------------------------------------------------------------------------------------------ the pages


def test_the_room_without_script_from_before_to_after(world: World, scene: Scene) -> None:
    """S2-11, S2-12, S2-23, S2-34: countdown, ready, link, who comes, elapsed and remaining time, no-show, over."""
    client, owner = Pages(world, scene.client), Pages(world, scene.owner)
    assert scene.room in client.get(f"/bookings/{scene.id}").text
    assert "It is not time yet" in client.get(scene.room).text
    assert scene.room not in client.get("/bookings?tab=upcoming").text
    assert 'data-countdown="reload"' in client.get(scene.room).text
    scene.at(-4)
    text = words(client.get(scene.room))
    assert "Ready to join" in text
    assert "Wanjiku Kamau (you)" in text
    assert "Dr. Amina Otieno" in text
    assert re.search(r'href="https://meet\.jit\.si/[^"]+"[^>]*rel="noopener noreferrer"', client.get(scene.room).text)
    listed = client.get("/bookings?tab=upcoming")
    assert "Ready to join" in words(listed)
    assert scene.room in listed.text
    answer = owner.post(f"/bookings/{scene.id}/start-call", page=scene.room)
    assert (answer.status_code, answer.location) == (303, scene.room)
    assert client.post(f"/bookings/{scene.id}/start-call", page=scene.room).status_code == 303
    scene.at(20)
    text = words(client.get(scene.room))
    assert "Under way" in text
    assert re.search(r"Since \d\d:\d\d EAT: 2[34] minutes", text)
    assert re.search(r"(39|40) minutes left", text)
    assert client.post(f"/bookings/{scene.id}/end-call", page=scene.room).status_code == 303
    assert "The call ended after" in words(owner.get(scene.room))
    assert "Client did not come" not in words(owner.get(scene.room)), "both were in the call"
    sent = {"notes": "Calmer today", "file": (PNG, "board.png")}
    assert owner.post(f"/bookings/{scene.id}/complete", sent, page=scene.room).status_code == 303
    text = words(client.get(scene.room))
    assert "This session is over" in text
    assert "Call length" in text
    assert "board.png" in words(owner.get(scene.room))
    assert "board.png" not in text
    assert "Calmer today" in words(owner.get(f"/bookings/{scene.id}"))


def test_the_page_says_why_not_yet(world: World, scene: Scene) -> None:
    scene.at(-30)
    client, owner = Pages(world, scene.client), Pages(world, scene.owner)
    for page, action in ((client, "start-call"), (client, "end-call"), (owner, "no-show"), (owner, "complete")):
        answer = page.post(f"/bookings/{scene.id}/{action}", {"reason": "r"}, page=scene.room)
        assert answer.status_code == 409, action
        assert "error-summary" in answer.text
    for action in ("room", "room/news"):
        assert Pages(world, world.person()).get(f"/bookings/{scene.id}/{action}").status_code == 404
    assert Pages(world, world.person()).post(f"/bookings/{scene.id}/start-call").status_code == 404
    assert Pages(world, world.person(Role.STAFF)).post(f"/bookings/{scene.id}/start-call").status_code == 404


def test_the_page_asks_for_news_and_is_loaded_anew_only_when_there_is_some(world: World, scene: Scene) -> None:
    scene.at(-4)
    client = Pages(world, scene.client)
    found = re.search(r'hx-get="([^"]+)"', client.get(scene.room).text)
    assert found
    news = found[1].replace("&amp;", "&")
    assert "HX-Refresh" not in client.get(news).headers
    scene.act(scene.owner, "start-call")
    answer = client.get(news)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_the_practitioner_of_a_group_sees_everybody_and_they_not_each_other(world: World) -> None:
    """S2-12: participants."""
    owner = world.practitioner()
    group = world.service(owner, "pay_after", places=3)
    clients = [world.person(name=name) for name in ("Achieng Odhiambo", "Baraka Mwangi")]
    ids = [world.book(client, group, world.start(group))["booking"]["id"] for client in clients]
    text = words(Pages(world, owner).get(f"/bookings/{ids[0]}/room"))
    assert "Achieng Odhiambo" in text
    assert "Baraka Mwangi" in text
    assert "Baraka Mwangi" not in words(Pages(world, clients[0]).get(f"/bookings/{ids[0]}/room"))


def test_the_service_says_how_people_meet_and_a_bad_link_comes_back_beside_its_field(world: World) -> None:
    """S3-25: set up with the service."""
    owner = world.practitioner()
    service = world.service(owner)
    page, path = Pages(world, owner), f"/practice/services/{service}"
    form = {"title": "Single session", "kind": "individual", "minutes": "60", "places": "1", "price": "60",
            "currency": "EUR", "mode_code": "hold_then_pay", "free_cancel_hours": "24", "hold_minutes": "15",
            "answer_hours": "24", "pay_hours": "24", "active": "y", "meeting_kind": "fixed"}  # fmt: skip
    for where, code in (("http://a.example", 422), ("", 422), ("https://a.example/me", 303)):
        answer = page.post(path, form | {"meeting_where": where}, page=path)
        assert answer.status_code == code, where
        assert code == 303 or 'id="meeting_where-error"' in answer.text
    assert page.post(path, form | {"meeting_kind": "carrier pigeon"}, page=path).status_code == 422
    assert 'value="https://a.example/me"' in page.get(path).text


def test_links_given_for_two_of_a_group_at_once_leave_one_link_for_both(world: World) -> None:
    """S3-15: two tabs; nobody waits for ever, and all meet in one place."""
    owner = world.practitioner()
    group = world.service(owner, "pay_after", places=4)
    ids = [world.book(world.person(), group, world.start(group))["booking"]["id"] for _ in range(4)]
    gate, found = threading.Barrier(8), []

    def give(nth: int) -> None:
        gate.wait()
        link = {"url": f"https://meet.example.com/{nth}"}
        found.append(owner.post(f"/bookings/{ids[nth % 4]}/link", link).status_code)

    threads = [threading.Thread(target=give, args=(nth,)) for nth in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
    assert len({booking.meeting_where for booking in world.all(Booking)}) == 1
