"""S2: a session is held, rated, answered and counted, on pages without script; a missed one is only noted."""

import re

import pytest
from werkzeug.test import TestResponse

from app.models import BookingNote, Practitioner, Rating, Role, User
from tests.support.proofs import Pages
from tests.support.sessions import held, missed, rated
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World


def _cast(world: World) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner)


def _slug(world: World) -> str:
    with world.rows() as session:
        return str(session.query(Practitioner).one().slug)


def _read(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return words(answer)


def test_a_session_is_rated_answered_and_counted_on_pages(world: World) -> None:
    """S2-6, S2-15, S2-35, S2-34: start, complete, rate; the profile, the list and the practitioner's page follow."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    mine, theirs, slug = Pages(world, client), Pages(world, owner), _slug(world)
    page = f"/bookings/{booking}"
    assert "How was your session?" in _read(mine.get(page))
    assert "How was your session?" not in _read(theirs.get(page))
    assert f'href="{page}/rate"' in mine.get("/notices").text
    assert "Rate your session with Dr. Amina Otieno" in _read(mine.get(f"{page}/rate"))
    assert "“\u2068Wanjiku K.\u2069”" in _read(mine.get(f"{page}/rate"))
    form = {
        "stars": "4",
        "tags": "listens",
        "feedback": "<b>Kind</b> and clear.\n\nThank you 👍",
        "recommends": "yes",
        "public": "y",
    }
    sent = mine.post(f"{page}/rate", form, page=page)
    assert (sent.status_code, sent.location) == (303, page)
    shown = _read(mine.get(page))
    for said in (
        "Thank you for your rating.",
        "Your rating",
        "Rated 4 out of 5",
        "Listens well",
        "&lt;b&gt;Kind&lt;/b&gt; and clear.",
        "Public",
    ):
        assert said in shown, said
    assert "How was your session?" not in shown
    assert mine.get(f"{page}/rate").status_code == 303

    for public in (f"/practitioners/{slug}", "/practitioners"):
        assert "Rated 4.0 out of 5" in _read(world.app.test_client().get(public))
    profile = _read(world.app.test_client().get(f"/practitioners/{slug}"))
    for said in ("What clients say", "Wanjiku K.", "Would recommend it", "Thank you 👍"):
        assert said in profile, said
    assert "Kamau" not in profile

    assert "/practice/ratings" in theirs.get("/practice").text
    given = _read(theirs.get("/practice/ratings"))
    for said in ("Clients see 4.0 out of 5, from 1 public rating.", "Wanjiku Kamau", "Answer this rating"):
        assert said in given, said
    [rating] = world.all(Rating)
    back = {"answer": "Thank you, Wanjiku.", "next": "/practice/ratings"}
    answered = theirs.post(f"/ratings/{rating.id}/answer", back, page="/practice/ratings")
    assert (answered.status_code, answered.location) == (303, "/practice/ratings")
    assert "Thank you, Wanjiku." in _read(mine.get(page))
    assert "Answer from Dr. Amina Otieno" in _read(world.app.test_client().get(f"/practitioners/{slug}"))
    assert "Change the answer" in _read(theirs.get("/practice/ratings"))


@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({"feedback": "Almost"}, "Choose one to five stars.", "stars"),
        ({"feedback": "Almost", "stars": "1.5"}, "Choose one to five stars.", "stars"),
        ({"feedback": "Almost", "stars": "5 stars"}, "Choose one to five stars.", "stars"),
        ({"feedback": "Almost", "stars": "٣"}, "Choose one to five stars.", "stars"),
        ({"feedback": "y" * 2_001, "stars": "3"}, "at most 2000 characters", "feedback"),
        ({"feedback": "Almost", "stars": "3", "tags": "handsome"}, "Choose from the words on the list.", "tags"),
    ],
)
def test_what_cannot_be_sent_stays_on_the_page(world: World, typed: dict[str, str], sentence: str, field: str) -> None:
    """S2-29: the sentence beside its field, and everything typed and chosen kept."""
    client, owner, service = _cast(world)
    page, mine = f"/bookings/{held(world, client, owner, service)}", Pages(world, client)
    answer = mine.post(f"{page}/rate", {"recommends": "no", "public": "y", **typed}, page=page)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert typed["feedback"] in answer.text
    assert re.search(r'<input checked id="recommends-1"', answer.text)
    assert re.search(r'<input [^>]*checked[^>]*id="public"', answer.text)
    assert world.all(Rating) == []


def test_a_second_tab_hears_that_it_is_rated_already(world: World) -> None:
    """S2-29, S2-37: the same press again is taken as the same; another rating is refused and nothing is lost."""
    client, owner, service = _cast(world)
    page, mine = f"/bookings/{held(world, client, owner, service)}", Pages(world, client)
    for _ in range(2):
        assert mine.post(f"{page}/rate", {"stars": "5"}, page=page).status_code == 303
    refused = mine.post(f"{page}/rate", {"stars": "1"}, page=page)
    assert refused.status_code == 409
    assert "You have already rated this session." in words(refused)
    assert f'href="{page}"' in refused.text
    assert [r.stars for r in world.all(Rating)] == [5]


def test_a_private_rating_is_read_by_client_practitioner_and_staff_only(world: World) -> None:
    """S2-15: private; S2-29: the visibility toggle."""
    client, owner, service = _cast(world)
    rating = rated(client, held(world, client, owner, service), 2, feedback="Between us")["id"]
    profile = _read(world.app.test_client().get(f"/practitioners/{_slug(world)}"))
    assert "Between us" not in profile
    assert "Rated" not in profile
    for reader in (client, owner, world.person(Role.STAFF)):
        text = Visitor(world, reader).main(f"/ratings/{rating}")
        assert "Between us" in text
        assert "Private" in text
    given = Visitor(world, owner).main("/practice/ratings")
    assert "Between us" in given
    assert "No ratings are public yet, so clients see no stars." in given


def test_staff_hide_a_rating_from_its_page_and_show_it_again(world: World) -> None:
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    rating = rated(client, booking, 1, public=True, feedback="My neighbour goes there too")["id"]
    staff, slug = Pages(world, world.person(Role.STAFF)), _slug(world)
    page = f"/ratings/{rating}"
    assert f'href="{page}"' in staff.get(f"/practitioners/{slug}").text
    refused = staff.post(f"{page}/hide", {"reason": " "}, page=page)
    assert refused.status_code == 422
    assert "Enter a reason" in words(refused)
    assert staff.post(f"{page}/hide", {"reason": "It names a neighbour"}, page=page).status_code == 303
    assert "neighbour" not in world.app.test_client().get(f"/practitioners/{slug}").text
    for reader in (client, owner):
        text = Visitor(world, reader).main(f"/bookings/{booking}")
        assert "Our staff have hidden this rating." in text
        assert "It names a neighbour" in text
    assert "It names a neighbour" in Visitor(world, client).main("/notices")
    twice = staff.post(f"{page}/hide", {"reason": "It names a neighbour"}, page=page)
    assert twice.status_code == 409
    assert staff.post(f"{page}/show", page=page).status_code == 303
    assert staff.post(f"{page}/show", page=page).status_code == 409
    assert "My neighbour" in world.app.test_client().get(f"/practitioners/{slug}").text


def test_an_overlong_answer_is_kept_on_the_page(world: World) -> None:
    client, owner, service = _cast(world)
    rating = rated(client, held(world, client, owner, service), 2)["id"]
    theirs, long = Pages(world, owner), "z" * 2_001
    refused = theirs.post(f"/ratings/{rating}/answer", {"answer": long}, page="/practice/ratings")
    assert refused.status_code == 422
    assert long in refused.text
    assert 'id="answer-error"' in refused.text


def test_strangers_find_no_page_and_visitors_are_asked_to_log_in(world: World) -> None:
    """Invariant 7."""
    client, owner, service = _cast(world)
    booking = held(world, client, owner, service)
    rating = rated(client, booking)["id"]
    for other in (world.person(), world.practitioner(name="Ravi Deshpande")):
        stranger = Pages(world, other)
        for path in (f"/ratings/{rating}", f"/bookings/{booking}/rate"):
            assert stranger.get(path).status_code == 404
        for path in ("answer", "hide", "show"):
            sent = stranger.post(f"/ratings/{rating}/{path}", {"answer": "x", "reason": "x"})
            assert sent.status_code == 404
        assert stranger.post(f"/bookings/{booking}/rate", {"stars": "1"}).status_code == 404
    assert Pages(world, client).get("/practice/ratings").status_code == 404
    for path in (f"/ratings/{rating}", f"/bookings/{booking}/rate", "/practice/ratings"):
        assert "/login" in world.app.test_client().get(path).location
    assert [r.stars for r in world.all(Rating)] == [5]


def test_a_practitioner_without_ratings_or_practice_gets_a_page_that_says_so(world: World) -> None:
    assert "No ratings yet" in Visitor(world, world.practitioner()).main("/practice/ratings")
    assert Visitor(world, world.person(Role.PRACTITIONER)).get("/practice/ratings").location == "/practice/found"


def test_a_missed_session_is_noted_and_not_rated(world: World) -> None:
    """X11, S2-14: no form to rate; each side has one private note; the practitioner sees how often it happened."""
    client, owner, service = _cast(world)
    booking = missed(world, client, owner, service)
    mine, theirs, page = Pages(world, client), Pages(world, owner), f"/bookings/{booking}"
    shown = _read(mine.get(page))
    assert "Your private note" in shown
    assert "How was your session?" not in shown
    assert "missed" not in shown.replace("A missed session", "").replace("recorded as missed by you", "")
    assert mine.get(f"{page}/rate").location == page
    refused = mine.post(f"{page}/rate", {"stars": "1"}, page=page)
    assert refused.status_code == 409
    assert "Nobody came to this session" in words(refused)
    long = "w" * 2_001
    too_long = mine.post(f"{page}/note", {"note": long}, page=page)
    assert (too_long.status_code, long in too_long.text) == (422, True)
    assert mine.post(f"{page}/note", {"note": "The bus broke down."}, page=page).status_code == 303
    assert "The bus broke down." in mine.get(page).text
    their = _read(theirs.get(page))
    assert "The bus broke down." not in their
    assert "0 took place, 1 missed" in their
    assert "The bus broke down." in Visitor(world, world.person(Role.STAFF)).main(page)
    assert [n.text for n in world.all(BookingNote)] == ["The bus broke down."]


def test_averages_and_dates_are_written_by_locale(world: World) -> None:
    client, owner, service = _cast(world)
    for stars in (4, 5):
        rated(client, held(world, client, owner, service), stars, public=True)
    french = world.person()
    with world.rows() as session:
        session.get_one(User, french.user_id).language = "fr"
        session.commit()
    assert "4,5" in Visitor(world, french).main(f"/practitioners/{_slug(world)}")


def test_the_profile_has_pages_of_ratings(world: World) -> None:
    client, owner, service = _cast(world)
    for n in range(11):
        rated(client, held(world, client, owner, service), 5, public=True, feedback=f"Number {n}.")
    browser, path = world.app.test_client(), f"/practitioners/{_slug(world)}"
    first, second = browser.get(path), browser.get(path, query_string={"page": 2})
    assert f'href="{path}?page=2#ratings"' in first.text
    assert "Number 0." not in first.text
    assert "Number 0." in second.text
    assert browser.get(path, query_string={"page": "x"}).status_code == 200
    assert browser.get(path, query_string={"page": 10**12}).status_code == 200
