"""Ratings: who may give one, when, how often, and what it counts for."""

import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app import words
from app.extensions import db
from app.models import Booking, Change, Notification, Practitioner, Rating, Role, User
from app.services import practice
from app.services.core.errors import Invalid, Problem
from app.services.sessions import ratings
from app.services.sessions.ratings import Opinion
from tests.support.proofs import Pages
from tests.support.sessions import held, missed, rate, rated
from tests.support.world import Caller, World


def _cast(world: World) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner)


def _slug(world: World) -> str:
    with world.rows() as session:
        return str(session.query(Practitioner).one().slug)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_a_completed_session_is_rated_once_and_the_practitioner_hears_of_it(world: World) -> None:
    """S2-6, S2-15: stars, feedback, visibility, recommendation and tags; the trail has its row."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    assert "rate" in world.booking(client, booking)["allowed_actions"]
    assert "rate" not in world.booking(owner, booking)["allowed_actions"]
    given = {"feedback": " Very good 👍 ", "public": True, "recommends": True, "tags": ["clear", "listens", "clear"]}
    rating = rated(client, booking, 4, **given)
    assert (rating["stars"], rating["feedback"], rating["tags"]) == (4, "Very good 👍", ["listens", "clear"])
    assert (rating["public"], rating["recommends"], rating["answer"], rating["hidden_at"]) == (True, True, "", None)
    assert "rate" not in world.booking(client, booking)["allowed_actions"]
    assert world.notices(owner).count("rating_received") == 1
    [change] = [c for c in world.all(Change) if c.subject == "rating"]
    assert (change.from_status, change.to_status, change.actor_id) == ("", "shown", client.user_id)
    assert owner.get(f"/ratings/{rating['id']}").json["allowed_actions"] == ["answer"]
    assert client.get("/ratings").json == [rating]


def test_the_same_rating_twice_is_one_and_another_one_is_refused(world: World) -> None:
    """S2-29, S2-37: duplicates; a repeated press and a repeated key give the first one again."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    first = rate(client, booking, 5, feedback="Good", key="k1")
    assert first.status_code == 201
    assert rate(client, booking, 5, feedback="Good", key="k1").json == first.json
    assert rate(client, booking, 5, feedback=" Good\r\n").json["id"] == first.json["id"]
    for changed in ({"stars": 4, "feedback": "Good"}, {"feedback": "Better"}, {"feedback": "Good", "public": True}):
        assert _code(rate(client, booking, **changed)) == (409, "already_rated")
    assert [(r.stars, r.feedback) for r in world.all(Rating)] == [(5, "Good")]
    assert world.notices(owner).count("rating_received") == 1


def test_two_tabs_at_once_leave_one_rating(world: World) -> None:
    """S2-29: under parallel writers too."""
    client, owner, service = _cast(world)
    booking = uuid.UUID(held(world, client, owner, service))
    gate, told = threading.Barrier(6), []

    def press(stars: int) -> None:
        with world.app.app_context():
            user = db.session.get_one(User, client.user_id)
            gate.wait()
            try:
                ratings.rate(booking, user, Opinion(stars))
                told.append("taken")
            except Problem as problem:
                told.append(problem.code)

    threads = [threading.Thread(target=press, args=(1 + n % 2,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [rating] = world.all(Rating)
    assert sorted(told) == ["already_rated"] * 3 + ["taken"] * 3  # the three who said the same hear of the same
    assert rating.stars in (1, 2)
    assert world.notices(owner).count("rating_received") == 1


def test_only_whole_stars_from_one_to_five_are_taken(world: World) -> None:
    """S2-29."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    wrong: tuple[Any, ...] = (0, 6, -1, 1.5, 5.0, "5 stars", "5", True, None, [5], 10**30)
    for stars in wrong:
        answer = rate(client, booking, stars)
        assert (answer.status_code, answer.json["field"]) == (422, "stars"), stars
    assert world.all(Rating) == []


def test_the_service_itself_refuses_what_is_no_number_of_stars(world: World) -> None:
    client, owner, service = _cast(world)
    booking = uuid.UUID(held(world, client, owner, service))
    for stars in (True, 4.0, "3", 0, 6):
        with world.rows() as session, pytest.raises(Invalid) as refused:
            ratings.rate(booking, session.get_one(User, client.user_id), Opinion(stars))  # type: ignore[arg-type]
        assert refused.value.code == "stars_invalid"


_CANNOT_BE_MEANT: list[tuple[dict[str, Any], str, str]] = [
    ({"feedback": "x" * 2_001}, "too_long", "feedback"),
    ({"tags": ["clear", "handsome"]}, "tag_unknown", "tags"),
    ({"tags": "clear"}, "invalid", "tags"),
    ({"tags": [["clear"]]}, "invalid", "tags.0"),
    ({"public": "yes"}, "invalid", "public"),
    ({"recommends": 1}, "invalid", "recommends"),
    ({"feedback": 5}, "invalid", "feedback"),
]


def test_what_cannot_be_meant_is_refused_beside_its_field(world: World) -> None:
    """S2-29: feedback length, tags, visibility."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    for more, code, field in _CANNOT_BE_MEANT:
        answer = rate(client, booking, 3, **more)
        assert (*_code(answer), answer.json["field"]) == (422, code, field), more
    assert world.all(Rating) == []


def test_feedback_may_be_empty_or_full_and_loses_only_what_cannot_be_seen(world: World) -> None:
    """S2-29: 2,000 characters, newlines and emoji; overrides and control characters go."""
    client, owner, service = _cast(world)
    blank = rated(client, held(world, client, owner, service), 3, feedback=" \n ")
    assert (blank["feedback"], blank["recommends"], blank["tags"], blank["public"]) == ("", None, [], False)
    full = rated(client, held(world, client, owner, service), 3, feedback="👍\r\n" + "é" * 1_998)
    assert len(full["feedback"]) == 2_000
    odd = rated(client, held(world, client, owner, service), 3, feedback="evil\u202etxt.exe\u202c\x07 می‌خواهم")
    assert odd["feedback"] == "eviltxt.exe می‌خواهم"


def test_every_tag_of_the_table_is_taken(world: World) -> None:
    """S2-29: tags accepted."""
    client, owner, service = _cast(world)
    tags = sorted(words.RATING_TAGS)
    taken = rated(client, held(world, client, owner, service), tags=tags)["tags"]
    assert sorted(taken) == tags


# ------------------------------------------------------------------------------------------------ who and when


def test_only_a_completed_session_can_be_rated(world: World) -> None:
    """S2-37: not confirmed, confirmed only, cancelled, never held; a no-show never (X11)."""
    client, owner, service = _cast(world)
    made = world.book(client, service)
    booking = made["booking"]["id"]
    assert _code(rate(client, booking)) == (409, "not_completed")
    world.act(world.begin(client, made["checkout"]["id"]))
    assert _code(rate(client, booking)) == (409, "not_completed")
    client.post(f"/bookings/{booking}/cancel")
    assert _code(rate(client, booking)) == (409, "not_completed")
    gone = missed(world, client, owner, service)
    assert _code(rate(client, gone)) == (409, "no_show_not_rated")
    assert world.booking(client, gone)["allowed_actions"] == ["was-there", "note"]
    assert world.all(Rating) == []


def test_only_the_client_rates_and_a_stranger_finds_nothing(world: World) -> None:
    """S2-37: not a participant, a bad token; invariant 7."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    for stranger in (world.person(), world.practitioner(name="Ravi Deshpande")):
        assert _code(rate(stranger, booking)) == (404, "not_found")
    for other in (owner, world.person(Role.STAFF)):
        assert _code(rate(other, booking)) == (403, "forbidden")
    assert _code(rate(client, str(uuid.uuid4()))) == (404, "not_found")
    assert _code(rate(Caller(client.http, 0, "wrong"), booking)) == (401, "login_needed")
    rating = rated(client, booking)["id"]
    for stranger in (world.person(), world.practitioner(name="Meera Iyer")):
        assert stranger.get(f"/ratings/{rating}").status_code == 404
        assert stranger.get("/ratings").json == []
        for act, body in (("answer", {"text": "x"}), ("hide", {"reason": "x"}), ("show", {})):
            assert stranger.post(f"/ratings/{rating}/{act}", body).status_code == 404


def test_the_database_itself_keeps_one_rating_of_one_to_five(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    rated(client, booking)
    for changes in ({"stars": 9, "user_id": owner.user_id}, {"stars": 3, "user_id": client.user_id}):
        with world.rows() as session:
            first = session.query(Rating).one()
            copy = {c.key: getattr(first, c.key) for c in Rating.__table__.columns} | {"id": uuid.uuid4()} | changes
            session.add(Rating(**copy))
            with pytest.raises(IntegrityError):
                session.commit()
            session.rollback()


# ------------------------------------------------------------------------------------------------ what it counts for


def test_only_public_ratings_that_are_not_hidden_count_for_everybody(world: World) -> None:
    """S2-15: average and count in the profile's view and in the list; private ones are the practitioner's."""
    client, owner, service = _cast(world)
    staff = world.person(Role.STAFF)
    nobody = world.app.test_client()

    def seen() -> tuple[Any, Any]:
        one = nobody.get(f"/api/v1/practitioners/{slug}").json["rating"]
        [listed] = nobody.get("/api/v1/practitioners").json
        assert listed["rating"] == one
        page = nobody.get(f"/api/v1/practitioners/{slug}/ratings")
        return one, [r["stars"] for r in page.json]

    slug = _slug(world)
    assert seen() == ({"average": None, "count": 0}, [])
    given = [rated(client, held(world, client, owner, service), n, public=n != 1) for n in (5, 4, 4, 1)]
    assert seen() == ({"average": 4.3, "count": 3}, [4, 4, 5])
    staff.post(f"/ratings/{given[0]['id']}/hide", {"reason": "It names another client"})
    assert seen() == ({"average": 4.0, "count": 2}, [4, 4])
    with world.rows() as session:
        own = ratings.received(practice.of_user(session.get_one(User, owner.user_id)))
    assert (own.all.average, own.all.count) == (Decimal("3.0"), 3)
    assert (own.public.average, own.public.count) == (Decimal("4.0"), 2)
    assert own.by_stars == {5: 0, 4: 2, 3: 0, 2: 0, 1: 1}
    staff.post(f"/ratings/{given[0]['id']}/show")
    assert seen() == ({"average": 4.3, "count": 3}, [4, 4, 5])


def test_the_public_list_is_paged_newest_first_and_discreet(world: World) -> None:
    """S2-15: a first name and an initial; no booking, no full name."""
    owner = world.practitioner()
    service, slug = world.service(owner), _slug(world)
    for n in range(12):
        client = world.person(name=f"Wanjiku{n} Kamau")
        rated(client, held(world, client, owner, service), 1 + n % 5, public=True, feedback=f"Number {n}")
    path = f"/api/v1/practitioners/{slug}/ratings"
    first, second = (world.app.test_client().get(path, query_string={"page": n}) for n in (1, 2))
    assert (first.headers["X-Total-Count"], first.headers["X-Pages"]) == ("12", "2")
    assert [r["feedback"] for r in first.json + second.json] == [f"Number {n}" for n in range(11, -1, -1)]
    assert first.json[0]["name"] == "Wanjiku11 K."
    assert "booking_id" not in first.json[0]
    assert "Kamau" not in first.text
    assert world.app.test_client().get(path, query_string={"page": "-3"}).json == first.json
    assert world.app.test_client().get(path, query_string={"page": 10**9}).json == []
    assert world.app.test_client().get("/api/v1/practitioners/nobody/ratings").status_code == 404


def test_an_average_is_rounded_half_up_to_one_decimal(world: World) -> None:
    client, owner, service = _cast(world)
    for stars in (5, 4, 4, 4):  # 4.25
        rated(client, held(world, client, owner, service), stars, public=True)
    assert client.get(f"/practitioners/{_slug(world)}").json["rating"] == {"average": 4.3, "count": 4}


# ------------------------------------------------------------------------------------------------ answered and hidden


def test_the_practitioner_answers_once_and_may_replace_the_answer(world: World) -> None:
    client, owner, service = _cast(world)
    rating = rated(client, held(world, client, owner, service), 2, public=True)
    path = f"/ratings/{rating['id']}/answer"
    for text, code in (("", "answer_missing"), (" \u202e ", "answer_missing"), ("x" * 2_001, "too_long")):
        refused = owner.post(path, {"text": text})
        assert (*_code(refused), refused.json["field"]) == (422, code, "answer")
    assert _code(client.post(path, {"text": "No"})) == (403, "forbidden")
    assert _code(world.person(Role.STAFF).post(path, {"text": "No"})) == (403, "forbidden")
    assert owner.post(path, {"text": "Thank you."}).json["answer"] == "Thank you."
    assert owner.post(path, {"text": "Thank you, I shall be on time."}).status_code == 200
    shown = world.app.test_client().get(f"/api/v1/practitioners/{_slug(world)}/ratings").json
    assert [r["answer"] for r in shown] == ["Thank you, I shall be on time."]
    assert world.notices(client).count("rating_answered") == 1


def test_staff_hide_a_rating_with_a_reason_and_show_it_again(world: World) -> None:
    """The writer is told each time; writer and practitioner see why; the trail has every step."""
    client, owner, service = _cast(world)
    staff = world.person(Role.STAFF)
    rating = rated(client, held(world, client, owner, service), 1, public=True)
    path = f"/ratings/{rating['id']}"
    for text, code in (("", "reason_missing"), ("x" * 501, "too_long")):
        refused = staff.post(f"{path}/hide", {"reason": text})
        assert (refused.status_code, refused.json["field"]) == (422, "reason"), code
    for other in (client, owner):
        assert _code(other.post(f"{path}/hide", {"reason": "mine"})) == (403, "forbidden")
        assert _code(other.post(f"{path}/show")) == (403, "forbidden")
    assert _code(staff.post(f"{path}/show")) == (409, "not_allowed")
    for _ in range(2):
        assert staff.post(f"{path}/hide", {"reason": "Names a child"}).json["allowed_actions"] == ["show"]
        assert _code(staff.post(f"{path}/hide", {"reason": "Names a child"})) == (409, "not_allowed")
        for side in (client, owner):
            seen = side.get(path).json
            assert (bool(seen["hidden_at"]), seen["hidden_reason"]) == (True, "Names a child")
        assert _code(owner.post(f"{path}/answer", {"text": "Hm"})) == (409, "not_allowed")
        world.move(minutes=1)
        assert staff.post(f"{path}/show").json["hidden_reason"] == ""
        world.move(minutes=1)
    trail = [(c.from_status, c.to_status, c.why) for c in world.all(Change) if c.subject == "rating"]
    there, back = ("shown", "hidden", "Names a child"), ("hidden", "shown", "")
    assert trail == [("", "shown", ""), there, back, there, back]
    told = world.notices(client)
    assert (told.count("rating_hidden"), told.count("rating_shown")) == (2, 2)
    assert rate(client, str(world.all(Rating)[0].booking_id), 5).json["code"] == "already_rated"


def test_a_hidden_rating_is_not_announced_to_the_practitioner_any_more(world: World) -> None:
    """Re-read at send time, by the rating's own row."""
    client, owner, service = _cast(world)
    rating = rated(client, held(world, client, owner, service), 1)
    world.person(Role.STAFF).post(f"/ratings/{rating['id']}/hide", {"reason": "Names a child"})
    world.sweep()
    outcomes = {n.kind: n.outcome for n in world.all(Notification)}
    assert (outcomes["rating_received"], outcomes["rating_hidden"]) == ("stale", "sent")
    [mail] = [m for m in world.mails(world.email(client)) if "hidden" in m["subject"]]
    assert "Names a child" in mail["text"]


# ------------------------------------------------------------------------------------------------ asking for one


def test_the_client_is_asked_to_rate_once_the_session_is_completed(world: World) -> None:
    """S2-35: by the one mail that says it is completed, whose link opens the form; the practitioner's asks nothing."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    world.sweep()
    assert [kind for kind in world.notices(client) if kind.startswith(("session_comp", "please"))] == [
        "session_completed"
    ]
    mine = [m for m in world.mails(world.email(client)) if "completed" in m["text"]]
    assert [m["subject"] for m in mine] == ["How was your session?"]
    assert f"/bookings/{booking}/rate" in mine[0]["text"]
    [theirs] = [m for m in world.mails(world.email(owner)) if m["subject"].startswith("Completed:")]
    assert "/rate" not in theirs["text"]


def test_the_message_in_the_app_opens_the_form_until_the_session_is_rated(world: World) -> None:
    client, owner, service = _cast(world)
    booking, his = held(world, client, owner, service), Pages(world, client)
    said = his.get("/notices").text
    assert "You can rate it now." in said
    assert f'href="/bookings/{booking}/rate"' in said
    rated(client, booking)
    said = his.get("/notices").text
    assert ("is completed." in said, "You can rate it now." in said) == (True, False)
    assert his.get(f"/bookings/{booking}/rate").status_code == 303


def test_nobody_is_asked_for_a_rating_they_have_given(world: World) -> None:
    client, owner, service = _cast(world)
    rated(client, held(world, client, owner, service))
    world.sweep()
    [mail] = [m for m in world.mails(world.email(client)) if "is completed" in m["text"]]
    assert mail["subject"].startswith("Completed:")
    assert "/rate" not in mail["text"]


def test_after_a_no_show_nobody_is_asked(world: World) -> None:
    """X11."""
    client, owner, service = _cast(world)
    missed(world, client, owner, service)
    world.sweep()
    assert all("/rate" not in m["text"] for m in world.mails(world.email(client)))


def test_attendance_counts_what_one_client_and_one_practitioner_had(world: World) -> None:
    """S2-14: a no-show stays known to the practitioner, and to no other one."""
    client, owner, service = _cast(world)
    elsewhere = world.practitioner(name="Ravi Deshpande")
    held(world, client, owner, service)
    missed(world, client, owner, service)
    other = missed(world, client, elsewhere, world.service(elsewhere))
    next_one = world.booked(client, service)["id"]
    with world.rows() as session:
        with_owner, with_other = (session.get_one(Booking, uuid.UUID(key)) for key in (next_one, other))
        assert ratings.attendance(with_owner) == ratings.Attendance(1, 1)
        assert ratings.attendance(with_other) == ratings.Attendance(0, 1)
