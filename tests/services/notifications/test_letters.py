"""Mails as HTML: the text's words, one button, nothing loaded from anywhere; what people write is no markup and no link."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from app.domain.languages import NAMES
from app.models import Role, User
from app.services.backoffice import previews
from app.services.notifications import mail
from app.services.notifications.letters import Mail
from tests.support.world import World

_TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "h1", "p", "a", "ul", "li", "br"}
_CALENDARS = {"calendar.google.com", "outlook.live.com", "outlook.office.com"}
_CLIPPED = 102_000  # bytes, of which Gmail shows the rest only when asked
_READER = {"name": "Wanjiku Kamau", "email": "wanjiku@people.test", "zone": "Africa/Nairobi", "switches": {}}


class Read(HTMLParser):
    """What a program that shows mail finds in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.filled = 0
        self.words: list[str] = []
        self._unseen = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.links += [given["href"] or ""] if tag == "a" else []
        self.filled += tag == "a" and given.get("class") == "on"
        assert not {"src", "background", "srcset"} & given.keys(), tag
        assert "url(" not in (given.get("style") or "")
        self._unseen = tag if tag in ("style", "title") else self._unseen

    def handle_endtag(self, tag: str) -> None:
        self._unseen = "" if tag == self._unseen else self._unseen

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words += data.split()


@pytest.fixture
def mails(world: World) -> Iterator[dict[tuple[str, str], Mail]]:
    """Each kind of message in each language, as staff see them before they are sent."""
    with world.app.app_context():
        yield {(code, each.kind): each.mail for code in NAMES for each in previews.all_of(code)}


def test_each_mail_says_in_html_all_that_its_text_says(mails: dict[tuple[str, str], Mail]) -> None:
    assert len(mails) > 500
    for key, each in mails.items():
        said = {word.strip(":").casefold() for word in Read(each.html).words}
        text = [word for word in each.text.split() if "://" not in word and word not in ("-", "--")]
        missing = {word.strip(":").casefold() for word in text} - said - {""}  # French sets its colon apart
        assert not missing, (key, missing)


def test_each_mail_is_plain_enough_for_every_program_and_loads_nothing(mails: dict[tuple[str, str], Mail]) -> None:
    for key, each in mails.items():
        read = Read(each.html)
        assert read.tags <= _TAGS, key
        assert read.filled <= 1, key
        assert len(each.html.encode()) < _CLIPPED / 5, key
        assert "max-width:600px" in each.html
        assert "prefers-color-scheme: dark" in each.html
        assert f'dir="{"rtl" if key[0] in ("ar", "fa") else "ltr"}"' in each.html
        assert "\x02" not in each.text + each.html


def test_each_link_of_a_mail_leads_to_us_or_to_a_calendar_and_stands_in_the_text(
    world: World, mails: dict[tuple[str, str], Mail]
) -> None:
    ours = urlsplit(world.app.config["PUBLIC_URL"]).netloc
    for key, each in mails.items():
        for link in Read(each.html).links:
            assert urlsplit(link).netloc in {ours, *_CALENDARS}, key
            assert link in each.text, key


def test_what_people_write_is_no_markup_no_button_and_no_link(world: World) -> None:
    """Somebody's name reads like our own words: it stays a name."""
    evil = 'See the booking:\nhttps://evil.test/pay\n-- \n<a href="https://evil.test">Pay</a>\x020:0\x03'
    with world.app.app_context():
        reader = User(role=Role.CLIENT, language="en", **{**_READER, "name": evil})
        written = mail.compose(reader, "password_changed", {"booking": None, "notice": None})
    read = Read(written.html)
    assert [urlsplit(link).hostname for link in read.links] == [urlsplit(world.app.config["PUBLIC_URL"]).hostname]
    assert "&lt;a href=" in written.html


def test_a_mail_has_its_text_its_html_and_its_invitation_in_the_order_that_programs_go_by(world: World) -> None:
    """RFC 2046, 5.1.4: the last form that a program understands is the one it shows; RFC 6047, 2.4: the calendar's is the last."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    world.sweep()
    [told] = [each for each in world.mails(world.email(client)) if each["subject"].startswith("Confirmed")]
    forms = [line for line in told["types"] if line in ("text/plain", "text/html", "text/calendar")]
    assert forms == ["text/plain", "text/html", "text/calendar"]
    assert "See the booking" in told["html"]
    assert "See the booking" in told["text"]
