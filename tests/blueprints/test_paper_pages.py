"""The pages of forms: everything typed is kept, faults stand beside their field, strangers find nothing."""

import re
from typing import Any

import pytest

from app.models import PaperVersion, Role, SignedPaper
from tests.support import papers
from tests.support.papers import ANSWERS, NAME, SECRET
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World


@pytest.fixture
def engine() -> str:
    """Pages say the same on both engines; the services' tests cover the other."""
    return "sqlite"


def _asked(world: World, **paper: Any) -> tuple[Caller, Caller, str, int]:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    made = papers.intake(owner, [service], **paper)
    return owner, client, f"/bookings/{world.booked(client, service)['id']}", made


def _form(kind: str = "text", **more: str) -> dict[str, str]:
    """A practitioner's form with one question."""
    fields = {"title": "Before we meet", "due": "session", "active": "y", "questions-0-label": "Why?"}
    return fields | {"questions-0-key": "", "questions-0-kind": kind} | more


@pytest.mark.parametrize("place", ["²", "9" * 5_000, "-1", ""], ids=["superscript", "huge", "minus", "none"])
def test_a_question_at_a_place_that_no_page_has_is_none(world: World, place: str) -> None:
    """Found by tests/fuzz: the name of a field is as much a stranger's as its value."""
    page = Pages(world, world.practitioner())
    answer = page.post("/practice/forms/new/intake", _form(do="save") | {f"questions-{place}-label": "x"})
    assert answer.status_code == 303, answer.text
    [made] = world.all(PaperVersion)
    assert [question.label for question in made.questions] == ["Why?"]


# ------------------------------------------------------------------------------------------------ the client


def test_every_fault_stands_beside_its_field_and_everything_typed_is_kept(world: World) -> None:
    """S3-27: errors beside fields; nothing has to be typed twice."""
    _, client, address, paper = _asked(world)
    page = Pages(world, client)
    typed = {"version": "1", "q1": "x" * 5_001, "q2": "yes", "q3": "The clinic", "q4": "2026-02-30", "name": ""}
    answer = page.post(f"{address}/forms/{paper}", typed)
    assert answer.status_code == 422
    for field in ("q1", "q4", "name"):
        assert f'id="{field}-error"' in answer.text
    assert "x" * 5_001 in answer.text
    assert 'value="2026-02-30"' in answer.text
    for name, value in (("q2", "yes"), ("q3", "The clinic")):
        assert re.search(rf'<input checked [^>]*name="{name}"[^>]*value="{value}"', answer.text), name
    assert world.all(SignedPaper) == []


def test_a_version_published_meanwhile_is_shown_with_what_was_typed(world: World) -> None:
    """S3-27: an old page is not signed; what is still asked keeps its answer."""
    owner, client, address, paper = _asked(world)
    page = Pages(world, client)
    questions = [each for each in owner.get("/forms").json[0]["questions"] if each["key"] != "q2"]
    papers.change(owner, paper, questions=questions, body="Now with a text to read.")
    answer = page.post(f"{address}/forms/{paper}", {"version": "1", "name": NAME, **ANSWERS})
    assert answer.status_code == 409
    said = words(answer)
    assert "This form has changed since you opened it." in said
    assert "Now with a text to read." in said
    assert SECRET in answer.text
    assert re.search(r'name="version"[^>]*value="2"', answer.text)
    assert 'name="q2"' not in answer.text
    kept = {key: text for key, text in ANSWERS.items() if key != "q2"}
    assert page.post(f"{address}/forms/{paper}", {"version": "2", "name": NAME, **kept}).status_code == 303


@pytest.mark.in_turn
@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "²"])
def test_a_version_that_is_none_is_another_version(world: World, version: str) -> None:
    _, client, address, paper = _asked(world)
    answer = Pages(world, client).post(f"{address}/forms/{paper}", {"version": version, "name": NAME, **ANSWERS})
    assert answer.status_code == 409
    assert world.all(SignedPaper) == []


def test_a_signed_form_is_read_only_and_a_second_send_leads_to_the_same(world: World) -> None:
    _, client, address, paper = _asked(world)
    page, form = Pages(world, client), f"{address}/forms/{paper}"
    for answers in (ANSWERS, ANSWERS | {"q1": "something else"}):
        assert page.post(form, {"version": "1", "name": NAME, **answers}).status_code == 303
    shown = page.get(form)
    assert SECRET in shown.text
    assert "something else" not in shown.text
    assert "No" in words(shown)
    assert "<textarea" not in shown.text
    assert page.get(f"{address}/forms").location.endswith(f"{address}#forms")


def test_an_ended_booking_shows_its_form_and_takes_nothing(world: World) -> None:
    _, client, address, paper = _asked(world)
    client.post(f"{address}/cancel", {"reason": "ill"})
    page, form = Pages(world, client), f"{address}/forms/{paper}"
    assert "This booking has ended" in words(page.get(form))
    assert "Sign and send" not in page.get(form).text
    assert page.post(form, {"version": "1", "name": NAME, **ANSWERS}).status_code == 409
    assert "Please sign" not in words(page.get(address))


def test_before_it_is_signed_the_practitioner_sees_the_form_and_cannot_sign_it(world: World) -> None:
    owner, _, address, paper = _asked(world)
    page, form = Pages(world, owner), f"{address}/forms/{paper}"
    said = words(page.get(form))
    assert "This is what Wanjiku Kamau is asked to sign." in said
    assert page.post(form, {"version": "1", "name": NAME, **ANSWERS}).status_code == 403
    assert page.get(f"{form}/text").location.endswith(form)
    assert "Wanjiku Kamau has not signed everything yet" in words(page.get(address))


def test_staff_see_that_it_is_signed_and_strangers_find_nothing(world: World) -> None:
    """S3-27: seen only by those it was given to."""
    _, client, address, paper = _asked(world)
    papers.signed(client, address.rsplit("/", 1)[1], paper)
    staff = Pages(world, world.person(Role.STAFF))
    said = staff.get(address)
    assert "1 of 1 signed" in words(said)
    assert f"/forms/{paper}" not in said.text
    strangers = [staff, Pages(world, world.person()), Pages(world, world.practitioner(name="Dr. Other"))]
    for page in strangers:
        for path in (f"{address}/forms/{paper}", f"{address}/forms/{paper}/text"):
            assert page.get(path).status_code == 404
    for page in strangers[1:]:
        assert page.get(f"{address}/forms").status_code == 404
    assert world.app.test_client().get(f"{address}/forms/{paper}").status_code in (302, 303)


def test_words_of_others_never_become_markup(world: World) -> None:
    evil = "<script>alert(1)</script>"
    questions = [{"label": evil, "kind": "choice", "options": [evil, "b"], "required": True}]
    owner, client, address, paper = _asked(world, title=evil, body=evil, questions=questions)
    page, form = Pages(world, client), f"{address}/forms/{paper}"
    assert "<script>alert" not in page.get(form).text
    assert "&lt;script&gt;alert" in page.get(form).text
    page.post(form, {"version": "1", "q1": evil, "name": evil})
    hers = Pages(world, owner)
    for path in (form, address, "/practice/forms", f"/practice/forms/{paper}", f"/practice/forms/{paper}/versions/1"):
        assert "<script>alert" not in hers.get(path).text
    assert evil in hers.get(form).text.replace("&lt;", "<").replace("&gt;", ">")


# ------------------------------------------------------------------------------------------------ the practitioner


def test_questions_are_added_moved_and_taken_out_without_script_and_nothing_is_saved(world: World) -> None:
    owner = world.practitioner()
    page, address = Pages(world, owner), "/practice/forms/new/intake"
    assert page.get(address).text.count('<fieldset class="card">') == 1
    added = page.post(address, _form(do="add"))
    assert added.status_code == 200
    assert 'name="questions-1-label"' in added.text
    assert "autofocus" in added.text
    two = _form(**{"questions-1-label": "When?", "questions-1-kind": "date", "questions-1-required": "y"})
    up = page.post(address, two | {"do": "up-1"}).text
    assert re.search(r'name="questions-0-label"[^>]*value="When\?"', up)
    assert re.search(r'<option selected value="date"', up)
    gone = page.post(address, two | {"do": "remove-0"}).text
    assert "Why?" not in gone
    assert "When?" in gone
    for odd in ("remove-9", "up-0", "up-x", "remove-", "dance", "remove-²"):
        assert page.post(address, two | {"do": odd}).status_code == 200
    assert owner.get("/forms").json == []


def test_thirty_questions_are_the_end(world: World) -> None:
    owner = world.practitioner()
    page = Pages(world, owner)
    many = {f"questions-{n}-{name}": text for n in range(30) for name, text in (("label", "?"), ("kind", "text"))}
    answer = page.post("/practice/forms/new/intake", _form() | many | {"do": "add"})
    assert 'name="questions-30-label"' not in answer.text
    assert "Add a question" not in answer.text


def test_a_fault_of_a_question_stands_beside_it_with_everything_typed(world: World) -> None:
    owner = world.practitioner()
    page = Pages(world, owner)
    sent = _form("choice", **{"questions-0-options": "only one", "body": "A text", "do": "save"})
    answer = page.post("/practice/forms/new/intake", sent)
    assert answer.status_code == 422
    assert 'id="questions-0-options-error"' in answer.text
    assert "Question 1: Enter 2 to 20 different answers" in words(answer)
    assert "only one</textarea>" in answer.text
    assert "A text</textarea>" in answer.text
    missing = page.post("/practice/forms/new/agreement", {"title": "", "do": "save"})
    assert 'id="title-error"' in missing.text


def test_editing_publishes_a_version_and_the_old_ones_stay_to_be_read(world: World) -> None:
    """S3-27: version history."""
    owner = world.practitioner()
    service = world.service(owner)
    page = Pages(world, owner)
    chosen = {"services": str(service), "do": "save"}
    assert page.post("/practice/forms/new/intake", _form(**chosen)).status_code == 303
    [paper] = owner.get("/forms").json
    address = f"/practice/forms/{paper['id']}"
    assert re.search(r'<input checked id="services-0"', page.get(address).text)
    changed = _form(**chosen, body="Please read this") | {"questions-0-key": "q1"}
    assert page.post(address, changed).status_code == 303
    assert "saved as version 2" in words(page.get("/practice/forms"))
    assert "See version 1" in words(page.get(address))
    assert "Please read this" not in words(page.get(f"{address}/versions/1"))
    assert "Please read this" in words(page.get(f"{address}/versions/2"))
    assert page.get(f"{address}/versions/3").status_code == 404
    off = {key: text for key, text in changed.items() if key != "active"}
    page.post(address, off)
    assert "Not asked for now." in words(page.get("/practice/forms"))


def test_the_practitioners_pages_are_hers_alone(world: World) -> None:
    owner, rival = world.practitioner(), world.practitioner(name="Dr. Other")
    paper = papers.intake(owner, [])
    for who in (rival, world.person(), world.person(Role.STAFF)):
        page = Pages(world, who)
        for path in (f"/practice/forms/{paper}", f"/practice/forms/{paper}/versions/1"):
            assert page.get(path).status_code == 404
        assert page.post(f"/practice/forms/{paper}", _form(do="save")).status_code == 404
    assert Pages(world, owner).get(f"/practice/forms/{10**20}").status_code == 404
    assert Pages(world, owner).get("/practice/forms/new/poem").status_code == 404
    assert owner.get("/forms").json[0]["version"] == 1
