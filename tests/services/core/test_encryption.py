"""Keys change, keys are lost: what was sealed stays readable, or says which key it needs."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.lib.sealing import MARK, PREFIX_LENGTH, Keyring, fingerprint, is_sealed
from app.models import Base, Booking, SignedPaper, User
from app.services.accounts import code_apps
from app.services.core import encryption
from tests.services.backoffice.test_dispute_desk import Desk
from tests.services.backoffice.test_dispute_desk import _held as held_session
from tests.support import papers
from tests.support.credit import gift
from tests.support.lives import Life
from tests.support.papers import NAME, SECRET
from tests.support.proofs import PNG, Pages
from tests.support.questions import answered, sent
from tests.support.world import Caller, World

OLD, NEW = "an old key of thirty-two letters.", "a new key of thirty-two letters.."
NOTES = "She slept better. Next: the exam."


@pytest.fixture
def keys(world: World) -> Iterator[Callable[..., None]]:
    """keys(NEW, OLD): from now on the installation has these."""
    before = world.app.extensions["keyring"]

    def use(*secrets: str) -> None:
        world.app.extensions["keyring"] = Keyring(secrets)

    yield use
    world.app.extensions["keyring"] = before


def _session(world: World) -> tuple[Caller, Caller, str, int]:
    """Client, practitioner, a booking that took place, with a signed form and notes; and the form's id."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    paper = papers.intake(owner, [service])
    booking = world.booked(client, service)["id"]
    papers.signed(client, booking, paper)
    world.move(hours=30)
    assert owner.post(f"/bookings/{booking}/start").status_code == 200
    assert owner.post(f"/bookings/{booking}/complete", {"notes": NOTES}).status_code == 200
    return client, owner, booking, paper


def _stored(world: World) -> str:
    """Every cell of every table, as the database gives it back."""
    with world.rows() as session:
        tables = [table.name for table in Base.metadata.sorted_tables]
        return "\n".join(str(tuple(row)) for name in tables for row in session.execute(text(f"SELECT * FROM {name}")))


def _run(world: World, *words: str) -> Any:
    return world.app.test_cli_runner().invoke(args=list(words))


def test_the_database_holds_no_word_of_answers_names_or_notes(world: World) -> None:
    """S3-27, S3-28: encrypted at rest, also in the trail, the messages and the answers kept for repeated requests."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    paper = papers.intake(owner, [service])
    booking = world.booked(client, service)["id"]
    body = {"answers": papers.ANSWERS, "name": NAME}
    for _ in range(2):
        done = client.post(f"/bookings/{booking}/forms/{paper}/sign", body, key="once")
        assert done.status_code == 200
    world.move(hours=30)
    owner.post(f"/bookings/{booking}/start")
    owner.post(f"/bookings/{booking}/complete", {"notes": NOTES}, key="twice")
    world.sweep()
    stored = _stored(world)
    assert "What worries you most?" in stored, "nothing was looked at: this test proves nothing"
    for word in (SECRET, "Nightmares", "1990-02-28", NAME, "Achieng", NOTES, "slept better"):
        assert word not in stored
    assert "sealed:1:" in stored


def test_after_a_rotation_the_old_key_is_not_needed_any_more(world: World, keys: Callable[..., None]) -> None:
    """S3-27: key rotation; what was written before there were seals is sealed by it too."""
    keys(OLD)
    client, owner, booking, paper = _session(world)
    old_id = UUID(_session(world)[2])
    with world.rows() as session:
        session.get_one(Booking, old_id).session_notes = "Written long ago"
        session.commit()
    assert _run(world, "seal", "rotate").output.startswith("1 sealed")  # the one from before
    keys(NEW, OLD)
    assert client.get(f"/bookings/{booking}/forms/{paper}").json["answers"]["q1"] == SECRET
    assert "4 texts are not sealed with the first key" in _run(world, "doctor").output
    done = _run(world, "seal", "rotate")
    assert (done.exit_code, done.output.strip()) == (0, "4 sealed with the first key, 0 cannot be opened")
    again = _run(world, "seal", "rotate")
    assert (again.exit_code, again.output.strip()) == (0, "0 sealed with the first key, 0 cannot be opened")
    keys(NEW)
    assert "ok   sealed texts: ok" in _run(world, "doctor").output
    assert client.get(f"/bookings/{booking}/forms/{paper}").json["answers"]["q1"] == SECRET
    assert NOTES in Pages(world, owner).get(f"/bookings/{booking}").text
    with world.rows() as session:
        assert encryption.read(session.get_one(Booking, old_id), "session_notes") == "Written long ago"
        assert "Written" not in session.get_one(Booking, old_id).session_notes


def _keys_in_use(world: World) -> dict[str, set[str]]:
    """Each column with something sealed in it, whatever the list of them says, and the fingerprints of its keys."""
    found: dict[str, set[str]] = {}
    with world.rows() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f"SELECT * FROM {table.name}")).mappings():
                for column, cell in row.items():
                    words = bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell)
                    if is_sealed(words):
                        found.setdefault(f"{table.name}.{column}", set()).add(words[len(MARK) : PREFIX_LENGTH])
    return found


def test_every_column_with_something_sealed_turns_to_the_first_key(world: World, keys: Callable[..., None]) -> None:
    """S3-27: whatever is sealed, also by somebody who forgets to put one more column on the list."""
    keys(OLD)
    Life(world).live()
    gift(world, world.person())
    client, _, question = answered(world)
    sent(client, question, "Look", (PNG, "a.png"))
    with world.rows() as session:
        code_apps.begin(session.get_one(User, client.user_id))
    owner, _ = held_session(world, client)
    page = f"/practice/disputes/{Desk(world).challenged()}"
    assert Pages(world, owner).post(f"{page}/words", {"text": "She came."}).status_code == 303
    listed = {f"{model.__tablename__}.{column}" for model, column in encryption.SEALED}
    assert _keys_in_use(world).keys() >= listed
    keys(NEW, OLD)
    assert _run(world, "seal", "rotate").exit_code == 0
    assert _keys_in_use(world) == {name: {fingerprint(NEW)} for name in _keys_in_use(world)}


def test_a_lost_key_is_named_and_nothing_fails_or_is_overwritten(world: World, keys: Callable[..., None]) -> None:
    """S3-27: a clear answer instead of a 500, never the raw text; with the key back everything is there."""
    keys(OLD)
    client, owner, booking, paper = _session(world)
    [before] = [row.content for row in world.all(SignedPaper)]
    keys(NEW)
    refused = client.get(f"/bookings/{booking}/forms/{paper}")
    assert (refused.status_code, refused.json["code"]) == (503, "sealed_away")
    for person in (client, owner):
        page = Pages(world, person).get(f"/bookings/{booking}/forms/{paper}")
        assert page.status_code == 503
        assert "the key it was locked with is missing" in page.text
        assert "sealed:1:" not in page.text
    whole = Pages(world, owner).get(f"/bookings/{booking}")
    assert whole.status_code == 200
    assert "the key it was locked with is missing" in whole.text
    assert "sealed:1:" not in whole.text
    said = _run(world, "doctor").output
    assert f"look sealed texts: the key {fingerprint(OLD)} is missing: 2 sealed texts cannot be opened" in said
    done = _run(world, "seal", "rotate")
    assert done.exit_code == 1
    assert "0 sealed with the first key, 2 cannot be opened" in done.output
    assert fingerprint(OLD) in done.output
    assert [row.content for row in world.all(SignedPaper)] == [before]
    keys(NEW, OLD)
    assert client.get(f"/bookings/{booking}/forms/{paper}").json["answers"]["q1"] == SECRET


def test_a_sealed_text_copied_to_another_booking_does_not_open(world: World) -> None:
    """S3-28: who can write into the database still cannot read somebody's notes by moving them."""
    owner, client, thief = world.practitioner(), world.person(), world.practitioner(name="Dr. Other")
    theirs, mine = world.service(owner), world.service(thief)
    first = world.booked(client, theirs)["id"]
    second = world.booked(client, mine, start=world.start(mine, 4))["id"]
    world.move(hours=30)
    for caller, booking in ((owner, first), (thief, second)):
        caller.post(f"/bookings/{booking}/start")
        assert caller.post(f"/bookings/{booking}/complete", {"notes": NOTES}).status_code == 200
    with world.rows() as session:
        source, target = (session.query(Booking).filter_by(service_id=each).one() for each in (theirs, mine))
        target.session_notes = source.session_notes
        session.commit()
    page = Pages(world, thief).get(f"/bookings/{second}")
    assert page.status_code == 200
    assert NOTES not in page.text


def test_in_production_without_keys_of_its_own_the_doctor_says_so(world: World) -> None:
    world.app.config["PRODUCTION"] = True
    try:
        assert "look sealed texts: KIKAO_SEAL_KEYS is not set" in _run(world, "doctor").output
    finally:
        world.app.config["PRODUCTION"] = False
