"""Erasing: nothing personal is left in any cell, the books still balance, and nothing is erased by mistake or too early."""

import threading
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.models import (
    Attempt,
    Base,
    Booking,
    Change,
    Checkout,
    Identity,
    LedgerEntry,
    Login,
    Notification,
    Rating,
    Refund,
    Role,
    SessionProof,
    SignedPaper,
    User,
    Wait,
)
from app.services.backoffice import erasure, reconciliation
from app.services.backoffice.erasure import scrub
from app.services.core import encryption
from tests.support.cells import holding, written
from tests.support.lives import EMAIL, MARK, NAME, NOTES, TRACES, Life
from tests.support.proofs import Pages
from tests.support.world import PASSWORD, Caller, World

# Every column that could hold words or files and is not overwritten, and why it may stay.
_CODES = "words and references of ours or of a gateway; they name nobody"
_HOUSE = "the operator's own words about their house"
_PRACTICE = "the practitioner's own words about their practice, not about a client"
_MONEY = "money records stay: an id, a code, a reference"
KEPT: dict[str, tuple[str, ...] | str] = {
    "audits": _CODES,
    "day_exceptions": _PRACTICE,
    "time_off": _PRACTICE,
    "disputes": _MONEY,
    "installations": "which Kikao this is",
    "pulls": _CODES,
    "checkups": "sentences of ours about our own accounts",
    "guest_holds": "a digest, for a quarter of an hour",
    "dispute_answers": ("phase",),
    "ledger_entries": _MONEY,
    "ledger_transactions": _MONEY,
    "paper_versions": _PRACTICE,
    "practitioners": _PRACTICE,
    "practice_taxes": _PRACTICE,
    "quota_counts": "digests of keys that only our secret can make, for an hour or a day",
    "quota_stops": "the name of a rule, and an account's id or a digest",
    "foreign_payments": _CODES,
    "receipt_checks": ("gateway", "receipt", "source", "verdict", "conversations"),
    "receipt_series": _CODES,
    "receipts": (
        *(
            "number",
            "series",
            "issuer_name",
            "about",
            "zone",
            "currency",
            "method",
            "charge_ref",
            "reference",
            "reason",
        ),
        *("tax_name", "tax_number"),
    ),
    "refunds": _MONEY,
    "rejected_callbacks": _CODES,
    "foreign_callbacks": _CODES,
    "services": _PRACTICE,
    "attempts": (
        "account",
        "gateway",
        "reference",
        "currency",
        "provider_ref",
        "charge_ref",
        "failure",
        "vendor_code",
        "ending",
    ),
    # notes: the sweep, later
    "bookings": ("mode_code", "title", "currency", "policy", "started_by", "ended_by", "session_notes", "uid_host"),
    "changes": ("subject", "subject_id", "from_status", "to_status"),
    "checkouts": ("kind", "title", "currency"),
    "busy_feeds": _PRACTICE,
    "busy_times": _PRACTICE,
    "consultations": ("currency",),
    "consultation_messages": (),
    "gifts": ("currency", "digest"),
    "package_offers": _PRACTICE,
    "practitioner_photos": _PRACTICE,
    "house_pages": _HOUSE,
    "houses": _HOUSE,
    "house_logos": _HOUSE,
    "setup_links": "the digest of an address that only we can make, for a day",
    "packages": ("title", "currency"),
    "deliveries": ("outcome",),
    "inbox": ("gateway", "event_key", "source", "kind", "reference", "provider_ref", "fact", "verdict"),
    "notifications": ("kind", "dedupe_key"),
    "payouts": ("currency",),
    "ratings": ("tags",),
    "reviews": ("reason", "detail", "currency", "charge_ref", "resolution"),
    "signed_papers": ("digest",),
    "users": ("language",),  # the last mail is written in it
}
# Overwritten one by one, and not by a table of constants.
_BY_HAND = {
    "users": {"email", "password_hash", "name", "phone", "zone", "switches", "feed_key"},
    "changes": {"why"},
    "consultation_messages": {"text"},
    "signed_papers": {"content"},
    "idempotent_requests": {"caller", "key", "digest", "body"},
}


def _erase(caller: Caller, **more: Any) -> Any:
    return caller.post("/me/erase", {"password": PASSWORD, "email": EMAIL} | more)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


@pytest.fixture
def life(world: World) -> Life:
    return Life(world).live()


# ------------------------------------------------------------------------------------------------ nothing is left


def test_after_erasing_no_cell_and_no_file_of_the_whole_database_knows_them(world: World, life: Life) -> None:
    """X4, S4-10, mission 4.10: the test that catches a forgotten column; the audit looks at the books afterwards."""
    before = holding(world, *TRACES)
    for cell in (
        "attempts.provider_ref: 799888777",
        "users.name: Zuhura",
        "inbox.body: 799888777",
        "changes.why: quagga",
        "proofs.content: quagga",
    ):
        assert cell in before
    entries = [(e.account, e.owner, e.amount) for e in world.all(LedgerEntry)]
    assert _erase(life.client).status_code == 200
    for _ in range(2):
        world.sweep()
    assert holding(world, *TRACES) == []
    assert [(e.account, e.owner, e.amount) for e in world.all(LedgerEntry)] == entries
    with world.rows() as session:
        assert reconciliation.breaches() == []
        user = session.get_one(User, life.client.user_id)
        assert user.name.startswith("Erased person ")
        assert (user.active, user.phone, user.phone_proved_at, user.password_hash) == (False, None, None, "")
        assert session.query(Identity).filter_by(user_id=user.id).all() == []
        assert session.query(Booking).filter_by(client_id=user.id).count() == 6
    [last] = [c for c in world.all(Change) if c.subject == "person"]
    assert (last.actor, last.actor_id, last.why) == ("client", life.client.user_id, "erased on request")


def test_every_column_that_could_hold_words_is_overwritten_or_kept_for_a_reason() -> None:
    """A new column fails here until somebody says what becomes of it."""
    covered = scrub.covered()
    for table in Base.metadata.sorted_tables:
        kept = KEPT.get(table.name, ())
        if isinstance(kept, str):
            continue
        known = covered.get(table.name, set()) | _BY_HAND.get(table.name, set()) | set(kept)
        forgotten = {column.name for column in table.columns if written(column)} - known
        assert forgotten == set(), f"{table.name}: erased or kept?"


def test_what_the_practitioner_keeps_stays_under_the_pseudonym_for_as_long_as_the_law_says(
    world: World, life: Life
) -> None:
    """X4: the notes on sessions, sealed; ten years, then the sweep."""
    _erase(life.client)
    [booking] = [b for b in world.all(Booking) if b.session_notes]
    hers = Pages(world, life.owner)
    said = hers.get(f"/bookings/{booking.id}").text
    assert NOTES in said
    assert "Erased person " in said
    for path in ("/practice", "/practice/bookings", "/notices", "/questions", "/practice/ratings"):
        page = hers.get(path)
        assert (page.status_code, "Zuhura" in page.text) == (200, False), path
    world.move(days=3600)
    world.sweep()
    assert [b.id for b in world.all(Booking) if b.session_notes] == [booking.id]
    world.move(days=60)
    world.sweep()
    assert [b.id for b in world.all(Booking) if b.session_notes] == []


def test_every_page_that_shows_what_is_left_still_opens(world: World, life: Life) -> None:
    _erase(life.client)
    world.sweep()
    hers, theirs = Pages(world, life.owner), Pages(world, life.staff)
    for booking in world.all(Booking):
        for pages in (hers, theirs):
            if booking.client_id == life.client.user_id:
                assert "Erased person " in pages.get(f"/bookings/{booking.id}").text
    for attempt in world.all(Attempt):
        page = theirs.get(f"/staff/payments/{attempt.id}")
        assert page.status_code == 200
        assert "Zuhura" not in page.text
    for asked in life.owner.get("/consultations").json:
        assert hers.get(f"/questions/{asked['id']}").status_code == 200
    assert all(b["client"] != NAME for b in life.owner.get("/bookings").json)
    assert theirs.get("/staff/find?q=Zuhura").status_code == 200


def test_forms_files_and_ratings_keep_only_that_they_were(world: World, life: Life) -> None:
    _erase(life.client)
    with world.rows() as session:
        [signed] = session.query(SignedPaper).all()
        assert set(encryption.read(signed, "content").split('"')) & {"answers", "q1"} == {"answers"}
        [proof] = session.query(SessionProof).all()
        assert (proof.file_name, proof.media_type, proof.content) == ("erased.txt", "text/plain", b"erased")
        [rating] = session.query(Rating).all()
        assert (rating.stars, rating.feedback, rating.answer) == (4, "", "")
        assert session.query(Wait).one().status == "left"
    [refund, *_] = world.all(Refund)
    assert refund.status == "done"


# ------------------------------------------------------------------------------------------------ signed out, once, told


def test_every_tab_and_token_ends_at_once_and_the_old_address_is_told_before_it_is_forgotten(world: World) -> None:
    life = Life(world)
    tab, other = Pages(world, life.client), Pages(world, life.client)
    gone = tab.post("/me/data/erase", {"typed": EMAIL.upper()}, page="/me/data")
    assert (gone.status_code, gone.headers["Location"]) == (303, "/")
    assert "Your account has been erased." in tab.get("/").text
    for pages in (tab, other):
        assert pages.get("/profile").status_code == 302
    assert _code(life.client.get("/me")) == (401, "login_needed")
    refused = life.client.post("/auth/token", {"email": EMAIL, "password": PASSWORD})
    assert _code(refused) == (401, "login_refused")
    assert [t for t in world.all(Login) if t.user_id == life.client.user_id] == []
    [waiting] = [n for n in world.all(Notification) if n.user_id == life.client.user_id]
    assert waiting.data["address"] == EMAIL
    world.sweep()
    [mail] = world.mails(EMAIL)
    assert mail["subject"] == "Your account has been erased"
    assert f"Hello {NAME}," in mail["text"]
    assert holding(world, *TRACES) == []
    again = world.app.test_client().post(
        "/api/v1/auth/register", json={"email": EMAIL, "password": PASSWORD, "name": "Somebody New"}
    )
    assert again.status_code == 201


def test_erasing_twice_does_nothing_the_second_time(world: World) -> None:
    life = Life(world)
    with world.rows():
        user = life.user()
        assert erasure.try_erase(user.id, _clock(), "erased on request") is True
        name = life.user().name
        assert erasure.try_erase(user.id, _clock(), "erased on request") is False
        assert life.user().name == name
    assert len([c for c in world.all(Change) if c.subject == "person"]) == 1
    assert len([n for n in world.all(Notification) if n.kind == "account_erased"]) == 1


def test_pressed_in_two_tabs_at_once_it_happens_once(world: World) -> None:
    life = Life(world)
    gate = threading.Barrier(2)

    def press() -> None:
        caller = Caller(world.app.test_client(), life.client.user_id, life.client.token)
        gate.wait()
        answers.append(_erase(caller).status_code)

    answers: list[int] = []
    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 200 in answers
    assert set(answers) <= {200, 401}  # the second is somebody who is signed out
    assert len([c for c in world.all(Change) if c.subject == "person"]) == 1
    world.sweep()
    assert len(world.mails(EMAIL)) == 1


def _clock() -> Any:
    from app.services.core.transaction import CLOCK

    return CLOCK


@pytest.mark.parametrize(
    ("typed", "password", "code", "field"),
    [
        (EMAIL, "wrong", "password_wrong", "password"),
        (EMAIL, "", "password_wrong", "password"),
        ("somebody@else.test", PASSWORD, "erase_not_typed", "typed"),
        ("", PASSWORD, "erase_not_typed", "typed"),
    ],
)
def test_without_password_and_confirmation_nothing_happens(
    world: World, typed: str, password: str, code: str, field: str
) -> None:
    life = Life(world)
    answer = _erase(life.client, password=password, email=typed)
    assert (answer.json["code"], answer.json["field"]) == (code, field)
    pages = Pages(world, life.client)
    world.move(minutes=16)
    page = pages.post("/me/data/erase", {"typed": typed, "proof_password": password}, page="/me/data")
    assert page.status_code in (401, 403, 422)
    assert f'value="{typed}"' in page.text, "nothing that was typed is lost"
    assert "users.name: Zuhura" in holding(world, "Zuhura")


def test_strangers_have_no_page_and_practitioners_and_staff_cannot_do_it_alone(world: World) -> None:
    stranger = world.app.test_client()
    assert stranger.get("/me/data").status_code == 302
    assert stranger.post("/me/data/erase").status_code in (302, 400)
    for who in (world.practitioner(), world.person(Role.STAFF)):
        assert "Ask whoever runs this site" in Pages(world, who).get("/me/data").text
        assert _code(who.post("/me/erase", {"password": PASSWORD, "email": world.email(who)})) == (
            403,
            "erase_not_alone",
        )
        assert [o["code"] for o in who.get("/me/erase").json["obstacles"]] == ["erase_not_alone"]


# ------------------------------------------------------------------------------------------------ what stands in the way


def _blocked(life: Life, word: str) -> None:
    """Told everywhere, refused, and nothing changed."""
    assert f"erase_{word}" in [o["code"] for o in life.client.get("/me/erase").json["obstacles"]]
    assert _code(_erase(life.client)) == (409, f"erase_{word}")
    with life.world.rows():
        assert life.user().name == NAME


def test_a_session_to_come_stands_in_the_way_until_it_is_cancelled_and_paid_back(world: World) -> None:
    life = Life(world)
    service = world.service(life.owner)
    booking = world.booked(life.client, service, start=world.slots(service, days=9)[-1]["start"])["id"]
    _blocked(life, "upcoming")
    said = Pages(world, life.client).get("/me/data").text
    assert "You have an upcoming session." in said
    assert "Erase everything about me" not in said
    assert life.client.post(f"/bookings/{booking}/cancel").status_code == 200
    _blocked(life, "refund")
    world.sweep()
    world.settle()
    assert _erase(life.client).status_code == 200


def test_a_payment_under_way_stands_in_the_way(world: World) -> None:
    life = Life(world)
    made = world.book(life.client, world.service(life.owner, "pay_then_book"))
    world.begin(life.client, made["checkout"]["id"])
    _blocked(life, "payment")


def test_an_unpaid_draft_does_not_and_is_cancelled(world: World) -> None:
    life = Life(world)
    world.book(life.client, world.service(life.owner, "pay_then_book"), notes=MARK)
    assert _erase(life.client).status_code == 200
    [checkout] = world.all(Checkout)
    assert (checkout.status, checkout.draft["notes"]) == ("cancelled", "")


def test_a_debt_stands_in_the_way(world: World) -> None:
    life = Life(world)
    booking = world.book(life.client, world.service(life.owner, "pay_after"))["booking"]["id"]
    life._at_its_time(booking)
    for act in ("start", "complete"):
        assert life.owner.post(f"/bookings/{booking}/{act}").status_code == 200
    _blocked(life, "debts")


def test_credit_is_paid_out_or_given_up_by_a_tick_and_then_stands_in_the_books(world: World) -> None:
    life = Life(world)
    made = life.client.post("/wallet/top-ups", {"amount": {"amount": 1_234, "currency": "EUR"}})
    world.act(world.begin(life.client, made.json["id"]))
    _blocked(life, "credit")
    pages = Pages(world, life.client)
    fields = {"typed": EMAIL}
    assert "€12.34" in pages.get("/me/data").text
    assert pages.post("/me/data/erase", fields, page="/me/data").status_code == 409
    assert pages.post("/me/data/erase", fields | {"give_up": "y"}, page="/me/data").status_code == 303
    given = [e for e in world.all(LedgerEntry) if e.account == "write_off"]
    assert [(e.amount, e.currency) for e in given] == [(1_234, "EUR")]
    world.sweep()
    assert holding(world, *TRACES) == []


def test_late_money_of_somebody_erased_goes_back_and_what_the_gateway_says_is_not_kept(world: World) -> None:
    """Complaint 5: nobody is there to come, or to choose."""
    life = Life(world)
    service = world.service(life.owner, currency="INR")
    made = world.book(life.client, service, world.slots(service, days=9)[-1]["start"])
    begun = world.begin(life.client, made["checkout"]["id"], "razorpay")
    world.act(begun, "fail")
    world.move(minutes=20)
    world.sweep()
    world.move(days=4)
    world.sweep()
    answer = _erase(life.client)
    assert answer.status_code == 200, answer.text
    world.act(begun)
    for _ in range(3):
        world.sweep()
        world.settle()
    assert [b.status for b in world.all(Booking)] == ["expired"]
    assert [r.status for r in world.all(Refund)] == ["done"]
    assert holding(world, *TRACES) == []


# ------------------------------------------------------------------------------------------------ the clock, and the trail


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes SET why = 'something else'",
        "UPDATE changes SET why = 'erased', to_status = 'paid'",
        "UPDATE changes SET why = 'erased', actor_id = NULL",
        "UPDATE changes SET at = NULL, why = 'erased'",
        "DELETE FROM changes",
    ],
)
def test_the_trail_gives_way_in_nothing_but_its_words(world: World, statement: str) -> None:
    """Invariant 5: append-only; only what people wrote may become "erased"."""
    world.book(world.person(), world.service(world.practitioner()))
    with world.rows() as session:
        with pytest.raises(DatabaseError):
            session.execute(db.text(statement))
        session.rollback()
        session.execute(db.text("UPDATE changes SET why = 'erased' WHERE subject = 'booking'"))
        session.rollback()
