"""Links by a provider's table, and what a link may look like (S2-11, S3-15, S3-25)."""

import pytest

from app.domain.meetings import LINK_LIMIT, PROVIDERS, BadPlace, BookingFacts, MeetingKind, clean_link

FACTS = BookingFacts(where="https://meet.example.com/me", room="kikao-ABC", base="https://rooms.example.com/")


@pytest.mark.parametrize(
    ("kind", "link", "online"),
    [
        (MeetingKind.GENERATED, "https://rooms.example.com/kikao-ABC", True),
        (MeetingKind.FIXED, "https://meet.example.com/me", True),
        (MeetingKind.TYPED, "", True),
        (MeetingKind.IN_PERSON, "https://meet.example.com/me", False),
    ],
)
def test_each_kind_of_meeting_gives_its_own_link(kind: MeetingKind, link: str, online: bool) -> None:
    assert (PROVIDERS[kind].link(FACTS), PROVIDERS[kind].is_online) == (link, online)


def test_every_kind_has_its_provider() -> None:
    assert set(PROVIDERS) == set(MeetingKind)


@pytest.mark.parametrize(
    "link",
    [
        "https://meet.example.com/room",
        "  https://us02web.zoom.us/j/123?pwd=aZ_-~.1%20#x  ",
        "HTTPS://Meet.Example.com",
        "https://meet.example.com:8443/a",
        "https://xn--p1ai.xn--p1ai/a",
    ],
)
def test_an_https_link_is_taken_as_it_is(link: str) -> None:
    assert clean_link(link) == link.strip()


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("", "link_missing"),
        ("   ", "link_missing"),
        ("http://meet.example.com/a", "link_scheme"),
        ("javascript:alert(1)//https://a.example", "link_scheme"),
        ("data:text/html,<b>https://", "link_scheme"),
        ("//meet.example.com/a", "link_scheme"),
        ("meet.example.com/a", "link_scheme"),
        ("https://name:word@meet.example.com/", "link_secret"),
        ("https://paypal.com@evil.example/", "link_secret"),
        ("https:///a", "link_invalid"),
        ("https://localhost/a", "link_invalid"),
        ("https://-a.example/", "link_invalid"),
        ("https://meet.example.com:99999/", "link_invalid"),
        ("https://meet.example.com:a/", "link_invalid"),
        ("https://[::1]/a", "link_invalid"),
        ("https://[::1/a", "link_invalid"),
        ("https://meet.example.com\\@evil.example/", "link_invalid"),
        ("https://meet.example.com/a b", "link_invalid"),
        ("https://meet.example.com/\n/evil", "link_invalid"),
        ("https://meet.example.com/\u202egpj.a", "link_invalid"),
        ("https://meet.example.com/\u200b", "link_invalid"),
        ("https://mеet.example.com/", "link_invalid"),  # a Cyrillic letter among them
        ('https://meet.example.com/"onclick="', "link_invalid"),
        ("https://meet.example.com/<script>", "link_invalid"),
        ("https://meet.example.com/\x00", "link_invalid"),
        ("https://meet.example.com/" + "a" * LINK_LIMIT, "too_long"),
    ],
)
def test_anything_else_is_refused_by_its_name(link: str, code: str) -> None:
    with pytest.raises(BadPlace) as caught:
        clean_link(link)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("place", "code"), [("", "place_missing"), ("x" * 201, "too_long"), ("Left \u202e door", "place_invalid")]
)
def test_a_place_is_some_plain_words(place: str, code: str) -> None:
    assert PROVIDERS[MeetingKind.IN_PERSON].check("  12 Oginga Odinga St,\n Kisumu ") == "12 Oginga Odinga St, Kisumu"
    with pytest.raises(BadPlace) as caught:
        PROVIDERS[MeetingKind.IN_PERSON].check(place)
    assert caught.value.code == code


def test_only_a_fixed_link_is_asked_for_when_the_service_is_set_up() -> None:
    assert PROVIDERS[MeetingKind.GENERATED].check("javascript:alert(1)") == ""
    assert PROVIDERS[MeetingKind.TYPED].check("whatever") == ""
    with pytest.raises(BadPlace):
        PROVIDERS[MeetingKind.FIXED].check("http://a.example")
