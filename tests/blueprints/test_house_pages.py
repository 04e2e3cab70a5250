"""The house is the operator's own: what staff say of it is seen on pages, papers, mails and calendars, and stands in the trail."""

import io

import pytest
from PIL import Image

from app import create_app
from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import Change, Receipt, Role
from app.services import house
from app.services.core.transaction import Who
from tests.support.pdf_text import pdf_text
from tests.support.pictures import picture
from tests.support.visitor import Visitor, log_in, token_in, words
from tests.support.world import PASSWORD, World

LOOK = {"name": "Sauti Wellbeing", "tagline": "Therapy in Nairobi and online", "colour": "#7a1f5c"}
CONTACT = {
    "email": "hello@sauti.test", "phone": "0712 345 678", "address": "Kenyatta Avenue 3\nNairobi", "country": "KE",
    "currency": "KES", "languages": ["en", "sw"],
}  # fmt: skip


@pytest.fixture
def staff(world: World) -> Visitor:
    """Somebody of staff at their browser, who has just logged in."""
    return Visitor(world, world.person(Role.STAFF, name="Zuhura Wambeti"))


def test_until_somebody_says_otherwise_it_is_kikao(world: World) -> None:
    page = world.app.test_client().get("/").text
    assert "· Kikao</title>" in page
    assert "Kikao is Swahili" in page
    assert "/legal/" not in page
    assert "/house/" not in page


def test_name_line_and_colour_are_seen_on_every_page_at_once(world: World, staff: Visitor) -> None:
    assert staff.post("/staff/house/look", **LOOK).status_code == 303
    for path in ("/", "/login", "/practitioners", "/nothing-here"):
        page = world.app.test_client().get(path).text
        assert "· Sauti Wellbeing</title>" in page, path
        assert "<bdi>Sauti Wellbeing</bdi></a>" in page, path
        assert "Therapy in Nairobi and online" in page, path
        assert "Swahili" not in page, path
        assert 'href="/house/7a1f5c.css"' in page, path
    sheet = world.app.test_client().get("/house/7a1f5c.css")
    assert (sheet.status_code, sheet.mimetype) == (200, "text/css")
    assert "--brand: #7a1f5c" in sheet.text
    assert "prefers-color-scheme: dark" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("field", "bad"), [("name", "x" * 41), ("tagline", "x" * 161), ("colour", "red"), ("colour", "#f3c6dd")]
)
def test_what_cannot_be_is_refused_beside_its_field(world: World, staff: Visitor, field: str, bad: str) -> None:
    answer = staff.post("/staff/house/look", **(LOOK | {field: bad}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Kikao</title>" in world.app.test_client().get("/").text


@pytest.mark.parametrize("colour", ["f3c6dd", "7A1F5C", "red", "7a1f5c;}", "ffffff"])
def test_no_other_colour_has_a_stylesheet(world: World, colour: str) -> None:
    assert world.app.test_client().get(f"/house/{colour}.css").status_code == 404


def test_a_logo_is_made_anew_and_another_one_has_another_address(world: World, staff: Visitor) -> None:
    def send(content: bytes) -> int:
        fields = {
            "csrf_token": token_in(staff.get("/staff/house/look").text),
            "logo": (io.BytesIO(content), "logo.png"),
        }
        return staff.http.post("/staff/house/logo", data=fields, content_type="multipart/form-data").status_code

    assert send(b"<svg onload=alert(1)>") == 422
    assert send(picture((20, 20), "PNG")) == 422
    assert send(picture((800, 200), "PNG")) == 303
    first = house_logo(world)
    shown = world.app.test_client().get(f"/house/logo/{first}.webp")
    with Image.open(io.BytesIO(shown.data)) as made:
        assert (made.format, made.size) == ("WEBP", (384, 96))
    assert f"/house/logo/{first}.webp" in world.app.test_client().get("/").text
    assert send(picture((100, 100))) == 303
    assert house_logo(world) != first
    assert world.app.test_client().get(f"/house/logo/{first}.webp").status_code == 404
    assert staff.post("/staff/house/logo/remove").status_code == 303
    assert "/house/logo/" not in world.app.test_client().get("/").text


def house_logo(world: World) -> str:
    """The name of today's logo."""
    with world.app.app_context():
        return house.refresh().logo


def test_contact_languages_country_and_currency_are_used(world: World, staff: Visitor) -> None:
    assert staff.post("/staff/house/contact", **CONTACT).status_code == 303
    said = words(world.app.test_client().get("/contact"))
    for each in ("hello@sauti.test", "+254712345678", "Kenyatta Avenue 3"):
        assert each in said
    page = world.app.test_client().get("/", headers={"Accept-Language": "fr"}).text
    assert 'lang="en"' in page
    assert 'value="sw"' in page
    assert 'value="fr"' not in page
    owner = Visitor(world, world.practitioner())
    choices = owner.get("/practice/services/new").text.partition('name="currency"')[2]
    assert choices.index('value="KES"') < choices.index('value="EUR"')
    for field, bad in (("email", "x"), ("phone", "12"), ("country", "XX"), ("currency", "shilling"), ("languages", [])):
        assert staff.post("/staff/house/contact", **(CONTACT | {field: bad})).status_code == 422, field


def test_the_houses_own_texts_have_pages_and_every_page_leads_there(world: World, staff: Visitor) -> None:
    assert world.app.test_client().get("/legal/privacy").status_code == 404
    text = "# What we keep\n\nLittle. <script>alert(1)</script>"
    assert staff.post("/staff/house/privacy", text=text).status_code == 303
    page = world.app.test_client().get("/legal/privacy").text
    assert "<h2>What we keep</h2>" in page
    assert "<script>alert" not in page
    assert 'href="/legal/privacy"' in world.app.test_client().get("/login").text
    assert 'href="/legal/terms"' not in world.app.test_client().get("/login").text
    assert "What we keep" in staff.get("/staff/house/privacy").text
    assert staff.post("/staff/house/privacy", text=" ").status_code == 303
    assert world.app.test_client().get("/legal/privacy").status_code == 404


def test_what_law_and_rights_ask_for_wants_a_fresh_proof(world: World) -> None:
    http = log_in(world, world.person(Role.STAFF))
    world.move(minutes=16)
    token = token_in(http.get("/staff/house/privacy").text)
    for path, fields in (("privacy", {"text": "Little."}), ("joining", {"joining": "staff"})):
        asked = http.post(f"/staff/house/{path}", data={"csrf_token": token, **fields})
        assert asked.status_code == 403, path
        assert "Little." in asked.text or path == "joining"
    proved = {"csrf_token": token, "text": "Little.", "proof_password": PASSWORD}
    assert http.post("/staff/house/privacy", data=proved).status_code == 303


def test_staff_alone_may_say_that_nobody_is_invited_to_be_a_practitioner(world: World, staff: Visitor) -> None:
    wish = {"email": "amina@people.test", "name": "Amina", "role": "practitioner", "language": "en"}
    assert staff.post("/staff/house/joining", joining="nobody").status_code == 422
    assert staff.post("/staff/house/joining", joining="staff").status_code == 303
    refused = staff.post("/staff/invitations", **wish)
    assert refused.status_code == 409
    assert "Nobody is invited as a practitioner here" in refused.text
    assert staff.post("/staff/invitations", **(wish | {"role": "client"})).status_code == 303
    assert staff.post("/staff/house/joining", joining="invitation").status_code == 303
    assert staff.post("/staff/invitations", **wish).status_code == 303


def test_each_change_stands_in_the_trail(world: World, staff: Visitor) -> None:
    staff.post("/staff/house/look", **LOOK)
    staff.post("/staff/house/contact", **CONTACT)
    staff.post("/staff/house/terms", text="Be kind.")
    staff.post("/staff/house/joining", joining="staff")
    steps = [c.to_status for c in world.all(Change) if c.subject == "house"]
    assert steps == ["look", "contact", "terms", "joining"]
    said = staff.main("/staff/trail")
    for each in ("Name and look", "Terms", "Who may become a practitioner"):
        assert each in said


def test_mails_texts_calendars_and_papers_are_the_houses(world: World, staff: Visitor) -> None:
    staff.post("/staff/house/look", **LOOK)
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    world.sweep()
    (mail, *_) = [each for each in world.mails(world.email(client)) if each["calendars"]]
    assert "Sauti Wellbeing. You get this email" in mail["text"]
    assert ["From", "Sauti Wellbeing <no-reply@kikao.example>"] in mail["headers"]
    assert 'ORGANIZER;CN="Sauti Wellbeing"' in mail["calendars"][0]["text"].replace("\r\n ", "")
    assert world.app.test_client().get("/api/v1/openapi.json").json["info"]["title"] == "Sauti Wellbeing"
    pages = log_in(world, client)
    receipt = world.all(Receipt)[0]
    assert "Sauti Wellbeing" in pdf_text(pages.get(f"/receipts/{receipt.id}.pdf").data).replace("\xa0", " ")


def test_gateways_and_mail_are_shown_asked_and_tried(world: World, staff: Visitor) -> None:
    shown = staff.main("/staff/house/connections")
    assert "/callbacks/stripe" in shown
    assert "Set" in shown
    whole = words(staff.post("/staff/house/connections"))
    assert "Works" in whole
    assert staff.post("/staff/house/letter").status_code == 303
    (mail,) = [each for each in world.mails() if "A letter to try the mail of Kikao" in each["subject"]]
    assert "arrives" in mail["text"]


def test_a_change_elsewhere_is_seen_within_a_second(world: World) -> None:
    """Another process has its own memory: here another application on the same database."""
    other = create_app(world.app.config["ENVIRON"])
    with other.app_context():
        assert house.known().name == "Kikao"
    with world.app.app_context():
        house.change_look(house.Look("Sauti", "", ""), Who(Actor.STAFF))
        assert house.known().name == "Sauti"

    def seen() -> bool:
        with other.app_context():
            return house.known().name == "Sauti"

    world.until(seen)
    with other.app_context():
        db.engine.dispose()


def test_where_the_house_is_open_a_client_becomes_a_practitioner_at_once(world: World, staff: Visitor) -> None:
    client = Visitor(world, world.person())
    assert client.get("/become-a-practitioner").status_code == 404
    assert client.post("/become-a-practitioner").status_code == 404
    assert "Our staff open the account" in client.main("/")
    assert staff.post("/staff/house/joining", joining="open").status_code == 303
    assert "/become-a-practitioner" in world.app.test_client().get("/").text
    assert staff.get("/become-a-practitioner").status_code == 404
    assert "no longer reach what the old role gave you" in client.main("/become-a-practitioner")
    assert client.post("/become-a-practitioner").headers["Location"] == "/login"
    assert client.get("/bookings").headers["Location"].startswith("/login")  # every login has ended
    roles = [c.why for c in world.all(Change) if c.subject == "person" and c.to_status == "practitioner"]
    assert roles == ["asked"]
