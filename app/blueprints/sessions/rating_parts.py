"""What several pages show of ratings: the form to give one, the stars of a practitioner, the list on the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask_babel
from flask import request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app import words
from app.blueprints.common.forms import options
from app.domain.lifecycle import Actor
from app.lib.text import discreet
from app.models import Booking, BookingNote, Practitioner, Rating, User
from app.services.sessions import notes, ratings
from app.services.sessions.ratings import Attendance, Opinion, Summary

_RECOMMENDS = {"yes": True, "no": False}


class RateForm(Form):
    """What the client thinks of the session."""

    stars = RadioField(
        _l("How was it?"), choices=options((str(n), text) for n, text in words.STARS.items()), validate_choice=False
    )
    tags = SelectMultipleField(
        _l("How would you describe it?"),
        choices=options(words.RATING_TAGS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    feedback = TextAreaField(_l("In your own words"))
    recommends = RadioField(
        _l("Would you recommend it to others?"),
        choices=options([("yes", _l("Yes")), ("no", _l("No")), ("", _l("I would rather not say"))]),
        default="",
        validate_choice=False,
    )
    public = BooleanField(_l("Everybody can read it"))

    def opinion(self) -> Opinion:
        """What was chosen and written; anything but a whole number of stars counts as none."""
        return Opinion(
            stars=chosen(self),
            feedback=self.feedback.data or "",
            public=bool(self.public.data),
            recommends=_RECOMMENDS.get(self.recommends.data or ""),
            tags=tuple(self.tags.data or ()),
        )


class RateClientForm(Form):
    """What the practitioner thinks of the client."""

    stars = RadioField(
        _l("How was the session with this client?"),
        choices=options((str(n), text) for n, text in words.STARS.items()),
        validate_choice=False,
    )
    note = TextAreaField(_l("In your own words"))


def chosen(form: RateForm | RateClientForm) -> int:
    """How many stars were chosen; anything but a whole number of the list counts as none."""
    stars = form.stars.data or ""
    return int(stars) if stars in map(str, words.STARS) else 0


class NoteForm(Form):
    """A private note."""

    note = TextAreaField(_l("Your private note"))


@dataclass(frozen=True)
class Stars:
    """An average as pages show it: `value` for the stars, None where there is none, `text` by locale."""

    value: float | None
    count: int
    text: str

    @classmethod
    def of(cls, summary: Summary) -> "Stars":
        """Return the summary as the reader's language writes it."""
        if summary.average is None:
            return cls(None, 0, "")
        text = str(flask_babel.format_decimal(summary.average, "0.0"))
        return cls(float(summary.average), summary.count, text)


def stars_of(practitioners: Sequence[Practitioner]) -> dict[int, Stars]:
    """What the public ratings of each come to, by id."""
    return {key: Stars.of(found) for key, found in ratings.summaries(practitioners).items()}


def on_profile(practitioner: Practitioner) -> dict[str, Any]:
    """What a practitioner's public page shows of ratings."""
    found = ratings.public(practitioner, request.args.get("page", 1, type=int))
    return {
        "rated": Stars.of(ratings.summary(practitioner)),
        "ratings": found,
        "rating_cards": [(rating, discreet(rating.user.name)) for rating in found.items],
        "ratings_url": lambda n: url_for("choosing.practitioner", slug=practitioner.slug, page=n, _anchor="ratings"),
    }


def client_stars(booking: Booking) -> Stars:
    """What practitioners' ratings of the booking's client come to."""
    return Stars.of(ratings.summary_of_client(booking))


def may_rate(booking: Booking | None, user: User) -> bool:
    """Whether the person may rate the session now; a mail is written without anybody's page, so it asks here too."""
    return booking is not None and "rate" in ratings.actions(booking, user)


@dataclass(frozen=True)
class AfterSession:
    """What a booking's page shows of its rating and of private notes, with the forms the person may send."""

    rating: Rating | None
    rate_form: RateForm | None
    of_client: Rating | None
    client_form: RateClientForm | None
    discreet_name: str
    note_form: NoteForm | None
    notes: list[BookingNote]
    attendance: Attendance | None  # the client's record, for everybody else

    @classmethod
    def of(cls, booking: Booking, user: User) -> "AfterSession":
        """Return what the person may see and send."""
        may = ratings.actions(booking, user)
        readable = notes.readable(booking, user)
        mine = next((note.text for note in readable if note.user_id == user.id), "")
        return cls(
            rating=ratings.given_by(booking, Actor.CLIENT),
            rate_form=RateForm() if "rate" in may else None,
            of_client=ratings.given_by(booking, Actor.PRACTITIONER),
            client_form=RateClientForm() if "rate-client" in may else None,
            discreet_name=discreet(user.name),
            note_form=NoteForm(data={"note": mine}) if notes.actions(booking, user) else None,
            notes=readable,
            attendance=ratings.attendance(booking) if user.id != booking.client_id else None,
        )
