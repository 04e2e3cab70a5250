"""S3-27: a psychologist asks for an agreement and an intake before she says yes; the client signs them without script."""

import re

from tests.support.papers import NAME, SECRET
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import World


def _write_forms(owner: Pages, service: int) -> None:
    """The practitioner's two forms, by her own pages."""
    page = owner.get("/practice/services").text
    assert "/practice/forms" in page
    agreement = {
        "title": "Confidentiality",
        "body": "What you say stays between us.\r\n\r\nUnless a life is in danger.",
        "due": "approval",
        "services": str(service),
        "active": "y",
        "do": "save",
    }
    assert owner.post("/practice/forms/new/agreement", agreement).status_code == 303
    intake = agreement | {"title": "Before we meet", "body": "", "questions-0-key": "", "questions-0-kind": "long"}
    intake |= {"questions-0-label": "What worries you most?", "questions-0-required": "y"}
    assert owner.post("/practice/forms/new/intake", intake).status_code == 303
    said = words(owner.get("/practice/forms"))
    assert "Confidentiality Version 1 Text to agree to · Needed before the request can be approved" in said
    assert "Asked for with: Single session" in said


def test_forms_are_signed_before_a_request_is_approved(world: World) -> None:
    """S3-27: versioned, signed with time and version, required before approval, given to the practitioner alone."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "approve_then_pay")
    hers, his = Pages(world, owner), Pages(world, client)
    _write_forms(hers, service)
    booking = world.book(client, service)["booking"]["id"]
    address = f"/bookings/{booking}"

    said = words(his.get(address))
    assert "Dr. Amina Otieno can only approve once it is signed." in said
    assert "Read and sign 2 forms" in said
    assert "0 of 2 signed" in said
    refused = hers.post(f"{address}/approve")
    assert refused.status_code == 409
    assert words(refused).count("Confidentiality, Before we meet") == 2  # over the page and beside the button

    first = his.get(f"{address}/forms")
    assert first.status_code == 303
    page = his.get(first.location)
    said = words(page)
    assert "Confidentiality" in said
    assert "Unless a life is in danger." in said
    assert "Version 1" in said
    faulty = his.post(first.location, {"version": "1", "name": ""})
    assert faulty.status_code == 422
    assert "Tick this box if you agree." in words(faulty)
    assert "Type your full name. It is your signature." in words(faulty)
    done = his.post(first.location, {"version": "1", "agreed": "y", "name": NAME})
    assert done.status_code == 303
    faulty = his.post(done.location, {"version": "1", "q1": "", "name": NAME})
    assert "Answer this question." in words(faulty)
    assert f'value="{NAME}"' in faulty.text
    last = his.post(done.location, {"version": "1", "q1": SECRET, "name": NAME})
    assert last.location.endswith(f"{address}#forms")
    assert "2 of 2 signed" in words(his.get(address))
    assert "Form signed" in words(his.get(address))

    copy = words(hers.get(done.location))
    for part in (f"Signed by {NAME}", "Version 1", "What worries you most?", SECRET):
        assert part in copy
    kept = his.get(f"{done.location}/text")
    assert kept.content_type == "text/plain; charset=utf-8"
    assert kept.headers["Content-Disposition"].startswith("attachment")
    for part in (NAME, SECRET, "Version: 1"):
        assert part in kept.text
    assert re.search(r"SHA-256: [0-9a-f]{64}", kept.text)
    assert world.notices(owner) == ["request_received", "form_signed", "form_signed"]
    approved = hers.post(f"{address}/approve")
    assert approved.status_code == 303
    assert world.booking(client, booking)["status"] == "awaiting_payment"
