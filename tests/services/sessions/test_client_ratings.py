"""Practitioners' ratings of clients: who gives one, who reads it, and what it comes to for whom the client asks next."""

import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy.exc import IntegrityError

from app.models import Change, Notification, Practitioner, Rating, Role
from tests.support.proofs import Pages
from tests.support.sessions import held, missed, rated
from tests.support.visitor import words
from tests.support.world import PASSWORD, Caller, World

NOTE = "Came well prepared, and paid attention."


def _cast(world: World) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner)


def _rate(owner: Caller, booking: str, stars: Any = 4, **more: Any) -> Any:
    return owner.post(f"/bookings/{booking}/rate-client", {"stars": stars, **more})


def _rated(owner: Caller, booking: str, stars: int = 4, **more: Any) -> dict[str, Any]:
    answer = _rate(owner, booking, stars, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def _asks(world: World, client: Caller, name: str = "Ravi Deshpande") -> tuple[Caller, str]:
    """Another practitioner whom the client asks, and the request."""
    other = world.practitioner(name=name)
    return other, world.book(client, world.service(other, "approve_then_pay"))["booking"]["id"]


def test_a_practitioner_rates_the_client_once_and_the_client_is_told(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    assert "rate-client" in world.booking(owner, booking)["allowed_actions"]
    assert "rate-client" not in world.booking(client, booking)["allowed_actions"]
    rating = _rated(owner, booking, 4, note=f" {NOTE} ")
    assert (rating["stars"], rating["feedback"], rating["of_client"]) == (4, NOTE, True)
    assert (rating["name"], rating["public"], rating["allowed_actions"]) == ("Dr. Amina Otieno", False, [])
    assert _rated(owner, booking, 4, note=NOTE) == rating
    assert _code(_rate(owner, booking, 5, note=NOTE)) == (409, "already_rated")
    assert "rate-client" not in world.booking(owner, booking)["allowed_actions"]
    assert world.notices(client).count("client_rated") == 1
    [change] = [c for c in world.all(Change) if c.subject == "rating"]
    assert (change.actor.value, change.actor_id, change.to_status) == ("practitioner", owner.user_id, "shown")
    assert client.get("/ratings").json == [rating]


def test_each_side_rates_whatever_the_other_has_done(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    _rated(owner, booking, 2)
    mine = rated(client, booking, 5, public=True)
    assert mine["of_client"] is False
    assert sorted(r["stars"] for r in owner.get("/ratings").json) == [2, 5]


def test_only_the_practitioner_of_a_session_that_took_place_rates_its_client(world: World) -> None:
    client, owner, service = _cast(world)
    ahead = world.booked(client, service)["id"]
    assert _code(_rate(owner, ahead)) == (409, "not_completed")
    gone = missed(world, client, owner, service)
    assert _code(_rate(owner, gone)) == (409, "no_show_not_rated")
    booking = held(world, client, owner, service)
    assert _code(_rate(world.practitioner(name="Meera Iyer"), booking)) == (404, "not_found")
    assert _code(_rate(client, booking)) == (403, "forbidden")
    assert _code(_rate(world.person(Role.STAFF), booking)) == (403, "forbidden")
    for stars in (0, 6, 4.5, True, None):
        assert _rate(owner, booking, stars).json["field"] == "stars", stars
    assert _code(_rate(owner, booking, note="x" * 2_001)) == (422, "too_long")
    assert world.all(Rating) == []


def test_while_it_is_open_who_came_neither_side_rates(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    world.move(minutes=20)
    assert client.post(f"/bookings/{booking}/nobody-came").status_code == 200
    for side, path in ((owner, "rate-client"), (client, "rate")):
        assert _code(side.post(f"/bookings/{booking}/{path}", {"stars": 1})) == (409, "who_came_open")
        assert path not in world.booking(side, booking)["allowed_actions"]
    decided = world.person(Role.STAFF).post(f"/bookings/{booking}/took-place", {"reason": "Both were in the call"})
    assert decided.status_code == 200, decided.text
    _rated(owner, booking)


def test_whom_the_client_asks_sees_the_average_and_never_the_note(world: World) -> None:
    client, owner, service = _cast(world)
    first, unrated = _asks(world, client, "Meera Iyer")
    assert world.booking(first, unrated)["client_rating"] == {"average": None, "count": 0}
    for stars in (5, 4, 4, 4):  # 4.25
        _rated(owner, held(world, client, owner, service), stars, note=NOTE)
    other, request = _asks(world, client)
    assert world.booking(other, request)["client_rating"] == {"average": 4.3, "count": 4}
    assert world.booking(client, request)["client_rating"] is None
    pages = Pages(world, other)
    for page in (f"/bookings/{request}", "/practice"):
        shown = words(pages.get(page))
        assert ("Rated by practitioners" in shown, NOTE in shown) == (True, False), page
    assert "4.3 of 5, ratings: 4" in words(pages.get(f"/bookings/{request}"))
    assert other.get("/ratings").json == []
    rating = next(iter(world.all(Rating)))
    assert _code(other.get(f"/ratings/{rating.id}")) == (404, "not_found")


def test_after_the_answer_the_average_is_shown_no_more(world: World) -> None:
    client, owner, service = _cast(world)
    _rated(owner, held(world, client, owner, service))
    other, request = _asks(world, client)
    assert world.booking(other, request)["client_rating"]["count"] == 1
    assert other.post(f"/bookings/{request}/approve").status_code == 200
    assert world.booking(other, request)["client_rating"] is None
    assert "Rated by practitioners" not in words(Pages(world, other).get(f"/bookings/{request}"))


def test_what_is_hidden_or_did_not_take_place_is_not_in_the_average(world: World) -> None:
    client, owner, service = _cast(world)
    staff = world.person(Role.STAFF)
    hidden, contested, counted = (held(world, client, owner, service) for _ in range(3))
    ratings = [_rated(owner, booking, stars) for booking, stars in ((hidden, 1), (contested, 1), (counted, 5))]
    other, request = _asks(world, client)
    assert world.booking(other, request)["client_rating"] == {"average": 2.3, "count": 3}
    assert staff.post(f"/ratings/{ratings[0]['id']}/hide", {"reason": "It insults"}).status_code == 200
    assert world.booking(other, request)["client_rating"] == {"average": 3.0, "count": 2}
    assert client.post(f"/bookings/{contested}/nobody-came").status_code == 200
    assert world.booking(other, request)["client_rating"] == {"average": 5.0, "count": 1}
    assert staff.post(f"/bookings/{contested}/give-back", {"reason": "Nobody came"}).status_code == 200
    assert world.booking(other, request)["client_rating"] == {"average": 5.0, "count": 1}
    assert "5.0" in words(Pages(world, client).get("/ratings"))
    assert staff.post(f"/ratings/{ratings[0]['id']}/show").status_code == 200
    assert world.booking(other, request)["client_rating"] == {"average": 3.0, "count": 2}


def test_what_practitioners_say_is_nowhere_in_public_nor_among_their_own_ratings(world: World) -> None:
    client, owner, service = _cast(world)
    _rated(owner, held(world, client, owner, service), 1, note=NOTE)
    with world.rows() as session:
        slug = str(session.query(Practitioner).one().slug)
    anybody = world.app.test_client()
    assert anybody.get(f"/api/v1/practitioners/{slug}").json["rating"] == {"average": None, "count": 0}
    assert anybody.get(f"/api/v1/practitioners/{slug}/ratings").json == []
    assert NOTE not in anybody.get(f"/p/{slug}").text
    assert "No ratings yet" in words(Pages(world, owner).get("/practice/ratings"))


def test_the_database_itself_keeps_what_practitioners_say_private(world: World) -> None:
    client, owner, service = _cast(world)
    _rated(owner, held(world, client, owner, service))
    with world.rows() as session:
        session.query(Rating).one().public = True
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()


def test_staff_hide_it_and_the_practitioner_who_wrote_it_is_told_why(world: World) -> None:
    client, owner, service = _cast(world)
    rating = _rated(owner, held(world, client, owner, service), 1, note=NOTE)
    staff = world.person(Role.STAFF)
    path = f"/ratings/{rating['id']}"
    assert _code(owner.post(f"{path}/answer", {"text": "So it is"})) == (409, "not_allowed")
    assert "Rating by Dr. Amina Otieno" in words(Pages(world, staff).get(path))
    assert staff.post(f"{path}/hide", {"reason": "It insults"}).json["allowed_actions"] == ["show"]
    assert world.notices(owner).count("rating_hidden") == 1
    assert "rating_hidden" not in world.notices(client)
    world.sweep()
    outcomes = {n.kind: n.outcome for n in world.all(Notification)}
    assert (outcomes["client_rated"], outcomes["rating_hidden"]) == ("stale", "sent")
    [mail] = [m for m in world.mails(world.email(owner)) if "hidden" in m["subject"]]
    assert "session with Wanjiku Kamau" in mail["text"]


def test_it_is_in_the_export_of_both_and_what_was_written_goes_with_the_client(world: World) -> None:
    client, owner, service = _cast(world)
    _rated(owner, held(world, client, owner, service), 2, note=NOTE)
    mine, theirs = _exported(client), _exported(owner)
    assert [each["feedback"] for each in mine["ratings_of_you"]] == [NOTE]
    assert [each["feedback"] for each in theirs["ratings"]] == [NOTE]
    assert (mine["ratings"], theirs["received"]) == ([], [])
    erased = client.post("/me/erase", {"password": PASSWORD, "email": world.email(client)})
    assert erased.status_code < 300, erased.text
    [rating] = world.all(Rating)
    assert (rating.stars, rating.feedback) == (2, "")


def _exported(caller: Caller) -> dict[str, Any]:
    with caller.post("/me/export", {"password": PASSWORD}) as answer, ZipFile(io.BytesIO(answer.data)) as found:
        data: dict[str, Any] = json.loads(found.read("data.json"))
    return data


def test_a_client_is_rated_and_reads_it_on_pages(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    mine, theirs = Pages(world, client), Pages(world, owner)
    page = f"/bookings/{booking}"
    assert "Rate the client" in words(theirs.get(page))
    assert "Rate the client" not in words(mine.get(page))
    refused = theirs.post(f"{page}/rate-client", {"note": NOTE}, page=page)
    assert (refused.status_code, NOTE in refused.text) == (422, True)
    assert "Choose one to five stars." in words(refused)
    sent = theirs.post(f"{page}/rate-client", {"stars": "4", "note": NOTE}, page=page)
    assert (sent.status_code, sent.location) == (303, page)
    assert "Your rating of the client" in words(theirs.get(page))
    for address in (page, "/ratings"):
        shown = words(mine.get(address))
        assert (NOTE in shown, "Rated 4 out of 5" in shown) == (True, True), address
    assert 'href="/ratings"' in mine.get("/profile").text
    world.sweep()
    [mail] = [m for m in world.mails(world.email(client)) if "rated" in m["subject"]]
    assert NOTE not in mail["text"]
