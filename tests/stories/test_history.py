"""History: everything that was ever booked, looked through and taken along as a table."""

import csv
import io
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.models import Role, User
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World


def _table(pages: Pages, query: str = "") -> list[dict[str, str]]:
    answer = pages.get(f"/history.csv{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def _found(pages: Pages, query: str = "") -> str:
    answer = pages.get(f"/history{query}")
    assert answer.status_code == 200, answer.text
    return words(answer)


@pytest.fixture
def lived(world: World) -> tuple[Caller, Caller, dict[str, Any], dict[str, Any]]:
    """A client and a practitioner, with one session that is paid and one that was declined."""
    client, owner = world.person(), world.practitioner(zone="Europe/Paris")
    paid = world.booked(client, world.service(owner, title="Marathon talk"), start=None)
    asked = world.service(owner, "approve_then_pay", title="Grief counselling")
    start = world.slots(asked, days=5)[-1]["start"]
    declined = world.book(client, asked, start)["booking"]
    owner.post(f"/bookings/{declined['id']}/decline", {"reason": "I am away then."})
    return client, owner, paid, declined


def test_history_is_found_by_words_tab_status_and_days(world: World, lived: Any) -> None:
    """S2-25, S2-37: pages, status filter, search."""
    client, owner, paid, declined = lived
    for who, other in ((client, "Dr. Amina Otieno"), (owner, "Wanjiku Kamau")):
        pages = Pages(world, who)
        assert "2 bookings" in _found(pages)
        for query in ("?q=marathon", "?tab=upcoming", "?status=confirmed", f"?q={other}&status=confirmed"):
            page = _found(pages, query)
            assert "1 booking" in page, query
            assert "Marathon talk" in page
            assert "Grief" not in page.replace("Name or session", ""), query
        for query in ("?q=grief", "?tab=cancelled", "?status=declined"):
            assert "Grief counselling" in _found(pages, query)
        assert "Nothing found" in _found(pages, "?q=grief&status=confirmed")
        assert "0 bookings" in _found(pages, "?status=no_show")
    zone = ZoneInfo("Africa/Nairobi")
    first, last = (datetime.fromisoformat(each["start"]).astimezone(zone).date() for each in (paid, declined))
    pages = Pages(world, client)
    assert "1 booking" in _found(pages, f"?until={first}")
    assert "1 booking" in _found(pages, f"?since={last}")
    assert "2 bookings" in _found(pages, f"?since={first}&until={last}")
    assert "0 bookings" in _found(pages, f"?since={last + timedelta(days=1)}")
    assert f'value="{first}"' in pages.get(f"/history?since={first}").text, "what was asked for stays in the form"


def test_a_day_is_the_readers_day(world: World) -> None:
    """A session at half past eleven in the evening of Nairobi is on another day of Kolkata."""
    client, owner = world.person(), world.practitioner()
    stranger = world.person(zone="Asia/Kolkata")
    service = world.service(owner)
    nairobi, kolkata = ZoneInfo("Africa/Nairobi"), ZoneInfo("Asia/Kolkata")
    late = next(
        slot["start"]
        for slot in world.slots(service, days=3)
        if datetime.fromisoformat(slot["start"]).astimezone(nairobi).hour == 23
    )
    for who, zone in ((client, nairobi), (stranger, kolkata)):
        booking = world.booked(who, service, start=late)
        day = datetime.fromisoformat(late).astimezone(zone).date()
        pages = Pages(world, who)
        assert "1 booking" in _found(pages, f"?since={day}&until={day}")
        assert "0 bookings" in _found(pages, f"?since={day + timedelta(days=1)}")
        assert "0 bookings" in _found(pages, f"?until={day - timedelta(days=1)}")
        who.post(f"/bookings/{booking['id']}/cancel")


def test_the_table_has_every_column_right_in_the_readers_zone(world: World, lived: Any) -> None:
    """S2-25: CSV export."""
    client, owner, paid, declined = lived
    for who, zone in ((client, "Africa/Nairobi"), (owner, "Europe/Paris")):
        second, first = _table(Pages(world, who))[::-1]
        start = datetime.fromisoformat(paid["start"]).astimezone(ZoneInfo(zone))
        assert second["Starts"] == start.isoformat(sep=" ", timespec="minutes")
        assert second["Ends"] == (start + timedelta(hours=1)).isoformat(sep=" ", timespec="minutes")
        assert (second["Session"], second["Client"], second["Practitioner"]) == (
            "Marathon talk",
            "Wanjiku Kamau",
            "Dr. Amina Otieno",
        )
        assert (second["Places"], second["Status"]) == ("1", "Confirmed")
        assert (second["Currency"], second["Price"], second["Paid and not refunded"]) == ("EUR", "60.00", "60.00")
        assert (second["Booking"], first["Booking"]) == (paid["id"], declined["id"])
        assert (first["Status"], first["Paid and not refunded"], first["Reason"]) == (
            "Declined",
            "0.00",
            "I am away then.",
        )
    assert [row["Session"] for row in _table(Pages(world, client), "?status=declined")] == ["Grief counselling"]
    assert _table(Pages(world, client), "?q=nothing-like-this") == []
    page = Pages(world, client).get("/history?status=declined").text
    assert "/history.csv?status=declined" in page, "the table holds what the page shows"


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["=HYPERLINK(0)", "@SUM(A1)", "+1", "-1"])
def test_a_name_that_looks_like_a_formula_is_only_a_name(world: World, name: str) -> None:
    """Formula injection: a client's name in the practitioner's spreadsheet."""
    client, owner = world.person(name=name), world.practitioner()
    world.booked(client, world.service(owner, title="Talk"))
    [row] = _table(Pages(world, owner))
    assert row["Client"] == f"'{name}"
    assert row["Price"] == "60.00", "a number stays one"


def test_history_has_pages_and_the_table_has_all(world: World) -> None:
    """S2-25, S2-37: paging, by hand and by a program."""
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner, title="Talk"))
    many = world.service(owner, "approve_then_pay", title="Copy")
    starts = [slot["start"] for slot in world.slots(many)[:22]]
    for start in starts:
        world.book(client, many, start)
    pages = Pages(world, client)
    first, second = pages.get("/history").text, pages.get("/history?page=2").text
    assert "23 bookings" in first
    assert (first.count("card--flat"), second.count("card--flat")) == (20, 3)
    assert booking["id"] in second, "the newest first"
    assert booking["id"] not in first
    kept = pages.get("/history?q=copy").text
    assert "22 bookings" in kept
    assert "q=copy" in kept.split('aria-label="Pages"')[1], "the pages keep the search"
    assert len(_table(pages)) == 23
    for page in ("0", "-1", "x", "9" * 400, "99999999"):
        assert pages.get(f"/history?page={page}").status_code == 200
    found = client.get("/bookings", q="copy")
    assert (found.headers["X-Total-Count"], found.headers["X-Pages"]) == ("22", "2")
    assert booking["id"] not in str(found.json)


_ODD_WISHES = (
    *("since=yesterday", "until=2026-13-01", "since=0001-01-01", "until=9999-12-31"),
    *("since=9999-12-31&until=0001-01-01", "tab=nonsense", "status=42", "q=%25_%27%5C", "q=%00"),
    *("since=&until=&q=&tab=", "tab=waiting&tab=past"),
)


def test_a_wish_that_cannot_be_is_told_or_left_out_and_never_breaks(world: World, lived: Any) -> None:
    client, owner, *_ = lived
    with world.rows() as session:
        session.get_one(User, owner.user_id).zone = "Pacific/Kiritimati"
        session.get_one(User, client.user_id).zone = "Pacific/Pago_Pago"
        session.commit()
    for pages, query in product((Pages(world, client), Pages(world, owner)), _ODD_WISHES):
        page, table = pages.get(f"/history?{query}"), pages.get(f"/history.csv?{query}")
        answers = {page.status_code, table.status_code}
        assert answers <= ({400} if "%00" in query else {200}), query
        if query.startswith(("since=yes", "until=2026-13")):
            assert "Enter a date like" in page.text
            assert f'value="{query.partition("=")[2]}"' in page.text, "what was typed is kept"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"from": "2020-01-01", "to": "2099-01-01T00:00:00Z"}, 200),
        ({"from": "0001-01-01T00:00:00+14:00"}, 200),
        ({"to": "9999-12-31T23:59:59-12:00"}, 200),
        ({"from": "soon"}, 422),
        ({"to": "2026-02-30"}, 422),
        ({"status": "42"}, 422),
    ],
)
def test_a_program_asks_by_instants(world: World, lived: Any, query: dict[str, str], status: int) -> None:
    client, _, paid, _ = lived
    answer = client.get("/bookings", **query)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.mimetype == "application/problem+json"
        assert answer.json["field"] in query
    else:
        assert paid["id"] in str(answer.json)
    start = datetime.fromisoformat(paid["start"])
    later = (start + timedelta(seconds=1)).isoformat()
    assert paid["id"] not in str(client.get("/bookings", **{"from": later}).json)
    assert paid["id"] not in str(client.get("/bookings", to=start.isoformat()).json)
    assert paid["id"] in str(client.get("/bookings", to=later, **{"from": start.isoformat()}).json)


def test_a_stranger_finds_nothing_and_a_visitor_logs_in_first(world: World, lived: Any) -> None:
    paid = lived[2]
    for stranger in (world.person(name="Somebody Else"), world.practitioner(name="Dr. Else")):
        pages = Pages(world, stranger)
        assert "0 bookings" in _found(pages)
        assert _table(pages, f"?q={paid['id']}") == _table(pages) == []
        assert stranger.get("/bookings", q="marathon").json == []
    assert len(_table(Pages(world, world.person(Role.STAFF)))) == 2
    for path in ("/history", "/history.csv"):
        assert world.app.test_client().get(path).status_code == 302


def test_people_find_their_history_from_their_bookings(world: World, lived: Any) -> None:
    client, owner, *_ = lived
    assert 'href="/history"' in Pages(world, client).get("/bookings").text
    assert 'href="/history"' in Pages(world, owner).get("/practice/bookings").text
