"""Tables that name the same things in two places name the same ones."""

from app.domain import languages
from app.services.backoffice.overview import queues
from app.words import staff
from config import ROOT


def test_every_queue_of_the_staff_has_its_sentences_and_its_card() -> None:
    template = (ROOT / "app" / "templates" / "backoffice" / "queue.html").read_text("utf-8")
    assert set(staff.QUEUES) == set(queues.NAMES)
    assert [name for name in queues.NAMES if f'name == "{name}"' not in template] == []


def test_every_language_but_the_source_has_its_catalogue() -> None:
    found = {path.parent.parent.name for path in (ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po")}
    assert found | {"en"} == set(languages.NAMES)
    assert set(languages.NAMES) > languages.RIGHT_TO_LEFT
