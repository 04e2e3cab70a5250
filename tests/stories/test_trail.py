"""Who did what, when and why: on each booking for those who take part, and whole for staff."""

import csv
import io
import re
from typing import Any

import pytest

from app.models import Attempt, Change, Role, User
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World

WHY = "I am away then; ask me on 0712345678."


@pytest.fixture
def lived(world: World) -> tuple[Caller, Caller, dict[str, Any], dict[str, Any]]:
    """A client and a practitioner, with one session that is paid and one that was declined."""
    client, owner = world.person(), world.practitioner()
    paid = world.booked(client, world.service(owner, title="Marathon talk"))
    asked = world.service(owner, "approve_then_pay", title="Grief counselling")
    declined = world.book(client, asked, world.start(asked, 5))["booking"]
    owner.post(f"/bookings/{declined['id']}/decline", {"reason": WHY})
    return client, owner, paid, declined


def _found(pages: Pages, query: str = "") -> str:
    answer = pages.get(f"/staff/trail{query}")
    assert answer.status_code == 200, answer.text
    return words(answer)


def _count(page: str) -> int:
    found = re.search(r"(\d+) changes?\b", page)
    assert found, page
    return int(found[1])


def _table(pages: Pages, query: str = "") -> list[dict[str, str]]:
    answer = pages.get(f"/staff/trail.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_bookings_page_tells_those_who_take_part_who_did_what_when_and_why(world: World, lived: Any) -> None:
    """S3-34: an audit trail for all actions."""
    client, owner, _, declined = lived
    path = f"/bookings/{declined['id']}"
    theirs = words(Pages(world, client).get(path)).split("What happened")[1]
    assert re.search(r"Request sent \S+ \d+ \S+ \d{4}, \d\d:\d\d \S+ · you", theirs)
    assert re.search(r"Request declined .{10,40} · Dr. Amina Otieno \(practitioner\) I am away then", theirs)
    ours = words(Pages(world, owner).get(path)).split("What happened")[1]
    assert re.search(r"Request sent .{10,40} · Wanjiku Kamau \(client\)", ours)
    assert re.search(r"Request declined .{10,40} · you I am away then", ours)
    assert "Full trail" not in theirs + ours


def test_of_staff_the_parties_learn_no_names_and_not_what_was_meant_for_staff(world: World, lived: Any) -> None:
    client, owner, paid, _ = lived
    staff = world.person(Role.STAFF, name="Zawadi Secret")
    assert staff.post(f"/bookings/{paid['id']}/cancel", {"reason": "The house is closed."}).status_code == 200
    path = f"/bookings/{paid['id']}"
    for who in (client, owner):
        story = words(Pages(world, who).get(path)).split("What happened")[1]
        assert re.search(r"Booking cancelled .{10,40} · staff The house is closed\.", story)
        assert "Zawadi" not in story
        assert "stripe" not in story
    story = words(Pages(world, staff).get(path)).split("What happened")[1]
    assert "· you The house is closed." in story
    other = Pages(world, world.person(Role.STAFF, name="Second"))
    assert "Zawadi Secret (staff)" in words(other.get(path))
    assert f"/staff/trail?q={paid['id']}" in other.get(path).text


def test_staff_see_every_change_the_newest_first(world: World, lived: Any) -> None:
    """S3-34."""
    pages = Pages(world, world.person(Role.STAFF))
    assert 'href="/staff/trail"' in pages.get("/staff").text
    page = _found(pages)
    rows = world.all(Change)
    assert _count(page) == len(rows)
    assert "Booking: Waiting for approval → Declined" in page
    assert "practitioner Dr. Amina Otieno" in page
    assert "I am away then" in page
    assert "712345678" not in page, "numbers are hidden"
    assert page.index("→ Declined") < page.index("Payment: Started")
    assert re.search(r"Payment: Started .{10,40} · client Wanjiku Kamau Card", page), (
        "the way to pay, as people call it"
    )


def test_the_trail_is_found_by_what_who_when_and_any_words(world: World, lived: Any) -> None:
    client, _, paid, declined = lived
    pages = Pages(world, world.person(Role.STAFF))
    [attempt] = world.all(Attempt)
    rows = world.all(Change)
    wanted = {
        "?subject=booking": [row for row in rows if row.subject == "booking"],
        "?actor=practitioner": [row for row in rows if row.actor == "practitioner"],
        "?actor=gateway&subject=attempt": [r for r in rows if r.actor == "gateway" and r.subject == "attempt"],
        f"?q={paid['id']}": [row for row in rows if str(row.booking_id) == paid["id"]],
        f"?q={declined['id'].upper()}": [row for row in rows if str(row.booking_id) == declined["id"]],
        f"?q={attempt.id}": [row for row in rows if row.subject_id == str(attempt.id)],
        f"?q={attempt.reference.lower()}": [
            row for row in rows if row.subject_id in (str(attempt.id), str(attempt.checkout_id))
        ],
        "?q=away+then": [row for row in rows if "away" in row.why],
        "?q=wanjiku": [row for row in rows if row.actor_id == client.user_id],
        f"?q={world.email(client)}": [row for row in rows if row.actor_id == client.user_id],
        "?q=%25": [],
        "?since=2999-01-01": [],
        "?until=2001-01-01": [],
        "?since=2001-01-01&until=2999-01-01": rows,
    }
    for query, expected in wanted.items():
        assert _count(_found(pages, query)) == len(expected), query
        assert len(_table(pages, query)) == len(expected), query
    assert len([each for each in wanted.values() if each]) == 11, "each filter finds something"


def test_the_trail_as_a_table_runs_nothing_and_hides_numbers(world: World) -> None:
    client, owner = world.person(name="=cmd|' /C calc'!A0"), world.practitioner()
    booking = world.book(client, world.service(owner, "approve_then_pay"))["booking"]
    client.post(f"/bookings/{booking['id']}/cancel", {"reason": "+254712345678 is my number"})
    row = _table(Pages(world, world.person(Role.STAFF)), "?subject=booking")[0]
    assert row["Name"] == "'=cmd|' /C calc'!A0"
    assert "345678" not in row["Why"]
    assert row["Why"].startswith("'+254")
    assert (row["What"], row["Before"], row["After"], row["Done by"]) == (
        "Booking",
        "Waiting for approval",
        "Cancelled",
        "client",
    )
    assert row["ID"] == row["Booking"] == booking["id"]


def test_the_trail_has_pages_that_keep_the_wish(world: World, lived: Any) -> None:
    client, *_ = lived
    with world.rows() as session:
        session.add_all(
            Change(
                subject="act", subject_id=str(n), from_status="", to_status="asked", actor="staff",
                actor_id=client.user_id, why=f"number {n}", at=session.query(Change.at).first()[0],
            )
            for n in range(120)
        )  # fmt: skip
        session.commit()
    pages = Pages(world, world.person(Role.STAFF))
    first = _found(pages, "?subject=act")
    assert "120 changes" in first
    assert "number 119" in first
    assert "number 69" not in first
    assert "number 69" in _found(pages, "?subject=act&page=2")
    assert "number 0" in _found(pages, "?subject=act&page=3")
    assert "subject=act" in pages.get("/staff/trail?subject=act").text.split('aria-label="Pages"')[1]
    for page in ("0", "-3", "x", "9" * 300, "4", "99999999"):
        assert pages.get(f"/staff/trail?subject=act&page={page}").status_code == 200
    assert len(_table(pages, "?subject=act")) == 120
    assert "number 7" in _found(pages, "?q=7")


_ODD_WISHES = (
    *("since=soon", "until=2026-02-30", "since=0001-01-01", "until=9999-12-31", "subject=nonsense", "actor=nobody"),
    *("q=%00", "q=%27%3B--", "q=" + "9" * 100, "q=%5C", "subject=booking&subject=act"),
)


def test_a_wish_that_cannot_be_is_told_or_left_out(world: World, lived: Any) -> None:
    pages = Pages(world, world.person(Role.STAFF, zone="Pacific/Kiritimati"))
    for query in _ODD_WISHES:
        answers = pages.get(f"/staff/trail?{query}"), pages.get(f"/staff/trail.csv?{query}")
        assert {answer.status_code for answer in answers} <= ({400} if "%00" in query else {200}), query
        told = "Enter a date like" in answers[0].text
        assert told == query.startswith(("since=soon", "until=2026-02")), query


def test_the_trail_is_for_staff_only_and_looking_changes_nothing(world: World, lived: Any) -> None:
    """Invariant 7."""
    client, owner, *_ = lived
    before = len(world.all(Change))
    for path in ("/staff/trail", "/staff/trail.csv"):
        for who in (client, owner):
            assert Pages(world, who).get(path).status_code == 404
        assert world.app.test_client().get(path).status_code == 302
        assert Pages(world, world.person(Role.STAFF)).get(path).status_code == 200
    assert len(world.all(Change)) == before


@pytest.mark.in_turn
@pytest.mark.parametrize("language", ["sw", "hi", "fr", "ar", "fa"])
def test_the_trail_is_in_the_readers_language(world: World, lived: Any, language: str) -> None:
    staff = world.person(Role.STAFF)
    pages = Pages(world, staff)
    english = _found(pages)
    with world.rows() as session:
        session.get_one(User, staff.user_id).language = language
        session.commit()
    page = _found(pages)
    assert "I am away then" in page, "what people wrote is as it is"
    for phrase in ("Waiting for approval", "Payment: Started", "practitioner Dr."):
        assert phrase in english
        assert phrase not in page
