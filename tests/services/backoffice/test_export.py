"""Taking one's data away: everything is in it, nothing of others is, and only with the password."""

import csv
import io
import json
from datetime import time
from typing import Any
from zipfile import ZipFile

import pytest

from app import words
from app.domain.agenda import Hours
from app.lib.sealing import Keyring
from app.models import Base, Role, User
from app.services.backoffice import export
from tests.support.lives import EMAIL, MARK, NAME, NOTES, PHONE, Life
from tests.support.proofs import PDF, Pages
from tests.support.questions import answered, send
from tests.support.world import PASSWORD, Caller, World

# References to a person that are in nobody's export under that name, and why.
LEFT_OUT = {
    "blocks.client_id": "whom a practitioner does not take is theirs to say, and told to nobody",
    "quota_stops.user_id": "how often a limit stopped somebody protects the others, and is gone after ninety days",
    "mailed_codes.user_id": "gone within the hour, and the address is theirs or is one that nobody has proved",
    "invitations.invited_by": "gone within seven days; that they invited somebody stands in the trail, among their own acts",
    "refund_waivers.staff_id": "what is said of a refund goes when it ends; it stands in the trail, among their own acts",
    "dispute_answers.staff_id": "what a bank was answered is the house's; that they noted it stands among their own acts",
    "proofs.decided_by": "who decided is not the payer's to know; what somebody decided stands among their own acts",
}


def _zip(answer: Any) -> ZipFile:
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/zip"
    content = answer.data
    answer.close()  # as a server does
    return ZipFile(io.BytesIO(content))


def _export(caller: Caller, password: str = PASSWORD) -> Any:
    return caller.post("/me/export", {"password": password})


def _all(found: ZipFile) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(found.read("data.json"))
    return data


@pytest.fixture
def life(world: World) -> Life:
    return Life(world).live()


def test_every_reference_to_a_person_is_in_the_export_or_left_out_for_a_reason() -> None:
    """A new table fails here until somebody says whose export it is in."""
    keys = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is User.__table__
    }
    shown = {key for section in export.SECTIONS for key in section.keys}
    assert shown & LEFT_OUT.keys() == set()
    assert keys == shown | LEFT_OUT.keys()
    assert {section.name for section in export.SECTIONS} == set(words.EXPORTED)


def test_a_client_gets_everything_they_ever_gave_us(world: World, life: Life) -> None:
    """Mission 4.10: retention and export."""
    found = _zip(_export(life.client))
    data = _all(found)
    [account] = data["account"]
    assert (account["name"], account["address"], account["phone"]) == (NAME, EMAIL, PHONE)
    assert "password_hash" not in account
    held = next(b for b in data["bookings"] if b["attendees"])
    assert held["attendees"] == ["Wambeti Junior", "Halima Wambeti"]
    assert (held["notes"], held["practitioner"]) == (f"My sister comes too ({MARK})", "Dr. Amina Otieno")
    assert ("booking", "", "awaiting_payment", "client") in [
        (h["of"], h["from"], h["to"], h["by"]) for h in held["history"]
    ]
    [form] = data["forms"]
    assert {"question": "What worries you most?", "answer": f"I cannot sleep ({MARK})"} in form["answers"]
    assert data["ratings"][0]["feedback"] == f"She listened ({MARK})"
    assert [m["text"] for m in data["questions"][0]["messages"]] == [f"Question 1 ({MARK})?", f"Dear Zuhura ({MARK})"]
    assert [p["note"] for p in data["proofs"]] == [f"From my sister ({MARK})", ""]
    assert data["payouts"][0]["destination"] == f"Wambeti, till 7 ({MARK})"
    assert data["notes"][0]["text"] == f"The bus, says Wambeti ({MARK})"
    assert {p["gateway"] for p in data["payments"]} == {"stripe", "razorpay", "mpesa", "manual"}
    assert {r["status"] for r in data["refunds"]} == {"done"}
    assert sum(e["amount"] for e in data["wallet"]) == 0
    assert any(PHONE[1:] in str(n["body"]) for n in data["news"])
    assert {m["kind"] for m in data["messages"]} >= {"booking_confirmed", "session_completed", "refund_done"}
    assert data["moves"][0]["reason"] == f"My shift changed ({MARK})"
    assert (len(data["waits"]), len(data["tokens"])) == (1, 1)
    assert [(each["issuer"], each["subject"]) for each in data["identities"]] == [
        ("https://id.example.org", f"zuhura-{MARK}")
    ]
    for proof in data["proofs"]:
        assert MARK.encode() in found.read(proof["file"])


def test_every_part_is_a_table_too_and_the_first_page_says_what_is_not_in_it(world: World, life: Life) -> None:
    found = _zip(_export(life.client))
    data, said = _all(found), found.read("read-me.html").decode()
    for section in export.SECTIONS:
        if section.name not in data:
            assert f"{section.name}.csv" not in found.namelist()
            continue
        rows = list(csv.DictReader(io.StringIO(found.read(f"{section.name}.csv").decode("utf-8-sig"))))
        assert len(rows) == len(data[section.name]), section.name
        assert f'href="{section.name}.csv"' in said
    assert "Notes that a practitioner keeps on sessions for themselves." in said
    assert "2 files you sent are in the folder files." in said
    assert "<script" not in said


def test_a_cell_that_a_spreadsheet_would_run_is_only_text() -> None:
    assert export.rows.cell("=1+1") == "'=1+1"
    for begin in ("\n=1", "  =1", "\uff1d1+1", "\u00a0=1"):
        assert export.rows.cell(begin) == f"'{begin}"
    assert export.rows.cell(-5) == "-5"
    assert export.rows.cell({"a": [1]}) == '{"a": [1]}'
    assert export.rows.cell(None) == ""


def test_a_clients_export_has_nothing_of_the_practitioners_notes_nor_of_other_people(world: World, life: Life) -> None:
    other = world.person(name="Somebody Else")
    world.booked(other, world.service(life.owner), notes="another secret")
    found = _zip(_export(life.client))
    everything = "".join(found.read(name).decode("latin-1") for name in found.namelist())
    for secret in (NOTES, "session_notes", "Somebody Else", "another secret", "kikao-seal", "$argon2"):
        assert secret not in everything
    assert f"The bus, says Wambeti ({MARK})" in everything
    assert len(_all(found)["notes"]) == 1  # their own, not the practitioner's on the same session


def test_a_practitioner_takes_their_own_practice_and_no_clients_words(world: World, life: Life) -> None:
    found = _zip(_export(life.owner))
    data = _all(found)
    assert NOTES in [s["session_notes"] for s in data["sessions"]]
    assert {s["client"] for s in data["sessions"]} == {NAME, "Other Client"}
    assert data["practice"][0]["name"] == "Dr. Amina Otieno"
    assert data["own_forms"][0]["versions"][0]["title"] == "Before we meet"
    assert (len(data["hours"]), len(data["session_proofs"])) == (7, 1)
    assert sum(e["amount"] for e in data["earnings"]) > 0
    everything = json.dumps(data, ensure_ascii=False)
    for theirs in (f"My sister comes too ({MARK})", f"I cannot sleep ({MARK})", "Question 1", EMAIL, PHONE):
        assert theirs not in everything
    assert "bookings" not in data
    staff = _all(_zip(_export(life.staff)))
    access = {"account", "tokens", "passkeys", "code_apps", "recovery_codes", "identities"}
    assert set(staff) == access | {"made_at", "messages", "acts", "notes", "ratings"}
    assert [a["to_status"] for a in staff["acts"]] == ["hidden", "done"]


def test_the_hours_of_a_service_go_with_its_practitioner(world: World) -> None:
    owner = world.practitioner()
    world.service(owner, own_hours=(Hours(1, time(16), time(19)),))
    found = _zip(_export(owner))
    hours = [{"weekday": 1, "starts": "16:00:00", "ends": "19:00:00"}]
    assert _all(found)["services"][0]["own_hours"] == hours
    [row] = csv.DictReader(io.StringIO(found.read("services.csv").decode("utf-8-sig")))
    assert json.loads(row["own_hours"]) == hours


@pytest.mark.parametrize("password", ["wrong", ""])
def test_without_the_password_nothing_is_given_away(world: World, password: str) -> None:
    client = world.person()
    answer = _export(client, password)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (401, "password_wrong", "password")
    pages = Pages(world, client)
    world.move(minutes=16)
    page = pages.post("/me/data/export", {"proof_password": password}, page="/me/data")
    assert (page.status_code, page.content_type) == (401 if password else 403, "text/html; charset=utf-8")
    assert ('id="proof_password-error"' in page.text) is bool(password)
    right = pages.post("/me/data/export", {"proof_password": PASSWORD}, page="/me/data")
    assert _all(_zip(right))["account"]


def test_a_page_without_script_gives_the_file_and_nobody_keeps_it(world: World) -> None:
    client = world.person(Role.CLIENT)
    pages = Pages(world, client)
    assert 'href="/me/data"' in pages.get("/profile").text
    answer = pages.post("/me/data/export", page="/me/data")
    assert _all(_zip(answer))["account"][0]["address"] == world.email(client)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=kikao-")
    assert pages.get("/me/data/export").status_code == 405
    assert world.app.test_client().get("/me/data").status_code == 302


def test_a_large_account_is_written_a_few_rows_at_a_time(world: World) -> None:
    """Not more than a hundred rows are held, however many there are."""
    import tracemalloc

    from app.lib import clock
    from app.models import Notification

    client = world.person()
    with world.rows() as session:
        session.add_all(
            Notification(
                user_id=client.user_id,
                kind="session_soon",
                dedupe_key=f"n{n}",
                created_at=clock.now(),
                data={"x": "y" * 2_000},
            )
            for n in range(5_000)
        )
        session.commit()
        session.remove()
        user = session.get_one(User, client.user_id)
        with world.app.test_request_context():
            tracemalloc.start()
            made = export.archive(user, lambda _page: "")
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    with ZipFile(made) as found:
        assert len(_all(found)["messages"]) == 5_000
    assert most < 6 * 1024 * 1024, most  # all at once they are over ten
    made.close()


def test_a_lost_key_costs_the_files_it_sealed_and_nothing_else(world: World) -> None:
    """The first page says which are missing, so that nobody takes the rest for everything."""
    client, _owner, question = answered(world)
    assert send(client, question, "The letter", (PDF, "letter.pdf")).status_code == 201
    assert "question-" in " ".join(_zip(_export(client)).namelist())
    before, world.app.extensions["keyring"] = world.app.extensions["keyring"], Keyring(["B" * 40])
    try:
        found = _zip(_export(client))
    finally:
        world.app.extensions["keyring"] = before
    said = found.read("read-me.html").decode()
    assert [name for name in found.namelist() if name.startswith("files/")] == []
    assert "letter.pdf. It cannot be opened right now" in said
    assert len(_all(found)["payments"]) == 1
