"""The mailbox: everything Kikao mails ends up here."""

import smtplib
from email.message import EmailMessage

import pytest
import requests


@pytest.fixture
def mailed(box):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "kikao@demo.test", "client@demo.test", "Karibu: 3 < 4"
    message.set_content("Habari!\nSee http://127.0.0.1:8000/b/1?a=1&b=2.\n<script>alert(1)</script>\n")
    message.add_alternative("<p>Habari <b>HTML</b></p>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="session.ics")
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=60) as server:
        server.send_message(message)
    return box


def test_tests_read_mail_as_json_by_recipient(mailed):
    (mail,) = requests.get(f"{mailed.url}/mailbox.json?to=Client@demo.test", timeout=60).json()
    assert (mail["to"], mail["subject"]) == (["client@demo.test"], "Karibu: 3 < 4")
    assert mail["text"].startswith("Habari!")
    assert "<b>HTML</b>" in mail["html"]
    assert mail["attachments"] == ["session.ics"]
    assert requests.get(f"{mailed.url}/mailbox.json?to=other@demo.test", timeout=60).json() == []


def test_people_read_the_text_part_with_live_links_and_nothing_else_alive(mailed):
    listed = requests.get(f"{mailed.url}/mailbox", timeout=60).text
    assert "Karibu: 3 &lt; 4" in listed
    mail_id = requests.get(f"{mailed.url}/mailbox.json", timeout=60).json()[0]["id"]
    page = requests.get(f"{mailed.url}/mailbox/{mail_id}", timeout=60).text
    assert '<a href="http://127.0.0.1:8000/b/1?a=1&amp;b=2" rel="noreferrer">' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_the_html_is_shown_where_nothing_of_it_runs_or_loads(mailed):
    mail_id = requests.get(f"{mailed.url}/mailbox.json", timeout=60).json()[0]["id"]
    assert f'src="/mailbox/{mail_id}/html"' in requests.get(f"{mailed.url}/mailbox/{mail_id}", timeout=60).text
    shown = requests.get(f"{mailed.url}/mailbox/{mail_id}/html", timeout=60)
    assert "<b>HTML</b>" in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert " sandbox " in policy
    assert "allow-scripts" not in policy


def test_a_mail_with_nothing_but_html_is_shown_as_text(box):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.test", "c@d.test", "HTML only"
    message.set_content("<style>p{}</style><p>Pay <a href='http://x.test/1'>here</a></p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=60) as server:
        server.send_message(message)
    assert requests.get(f"{box.url}/mailbox.json", timeout=60).json()[0]["text"] == "Pay http://x.test/1 here"


def _with_entry(box, *, method: str | None, attached: bool) -> list:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.test", "c@d.test", "Confirmed"
    message.set_content("Hello")
    params = {"method": method} if method else {}
    add = message.add_attachment if attached else message.add_alternative
    add("BEGIN:VCALENDAR\nEND:VCALENDAR\n", subtype="calendar", params=params)
    with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=60) as server:
        server.send_message(message)
    return requests.get(f"{box.url}/mailbox.json", timeout=60).json()[0]["calendars"]


def test_an_entry_is_an_invitation_only_as_the_last_form_of_the_text_with_its_method(box):
    """As Outlook and Gmail read mails: an attachment is a file, and a part without a method is nothing to act on."""
    assert _with_entry(box, method="REQUEST", attached=True) == []
    assert _with_entry(box, method=None, attached=False) == []
    [entry] = _with_entry(box, method="REQUEST", attached=False)
    assert "BEGIN:VCALENDAR" in entry["text"]
