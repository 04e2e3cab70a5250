"""What every page has: language, direction, formats; and that no answer goes without its headers."""

import hashlib
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from flask import Flask, abort, current_app, g, has_request_context, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from app import words
from app.blueprints.common import entering
from app.blueprints.common.answers import clock_face, response_headers
from app.domain import languages
from app.domain.money import Money, exponent
from app.extensions import babel, db, login
from app.lib import clock
from app.lib.network import short_ids
from app.lib.network.forwarding import TrustedHop
from app.lib.phones import numbers
from app.models import User
from app.services import bookings, consultations, house
from app.services.ledger import attendance_reviews, receipts, refunds
from app.services.notifications import notices, preferences
from app.services.prepaid import gifts
from app.words import booking_states, payment_states


def register(app: Flask) -> None:
    """Pages know who reads them, in which language and zone, and browsers are told what they may load."""
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = TrustedHop(app.wsgi_app, hops, app.config["PROXY_ADDRESSES"])  # type: ignore[method-assign]
    babel.init_app(app, locale_selector=choose_language, timezone_selector=lambda: zone().key)
    login.user_loader(entering.load)
    login.unauthorized_handler(entering.ask_to_log_in)
    login.session_protection = None  # logins are rows that end; addresses of phones change all the time
    app.context_processor(_globals)
    app.jinja_env.filters.update(
        money=money,
        when=when,
        soon=soon,
        day=day,
        time_of_day=time_of_day,
        percent=flask_babel.format_percent,
        masked=numbers.masked,
    )
    app.jinja_env.filters.update(briefly=briefly, days=days, span=span, packed=short_ids.pack)
    app.jinja_env.filters.update(city=clock_face.city, near_day=near_day, whole_day=whole_day, month_name=month_name)
    app.jinja_env.globals.update(house=house.known, static_url=static_url, words=words, now=clock.now, Money=Money)
    app.jinja_env.globals.update(booking_states=booking_states, payment_states=payment_states)
    app.jinja_env.globals.update(instant=datetime.fromisoformat, write_to_us=write_to_us)
    app.jinja_env.globals.update(money_shown=bookings.money_shown, refund_word=refunds.word_of)
    app.jinja_env.globals.update(gift_code=gifts.code_for_mail)
    app.jinja_env.globals.update(names_sessions=preferences.names_sessions, who_came=attendance_reviews.last_of)
    app.jinja_env.globals.update(receipts_of_booking=receipts.of_booking, receipts_of_checkout=receipts.of_checkout)
    app.before_request(_refuse_unstorable)
    response_headers.register(app)


def write_to_us() -> str:
    """How to reach whoever runs this site, as a sentence: by the contact that the operator names, or by answering a mail."""
    contact = current_app.config["SECURITY_CONTACT"].removeprefix("mailto:").removeprefix("tel:") or house.known().email
    if not contact:
        return str(_("Reply to any email from us."))
    return str(_("Write to %(contact)s.", contact=contact.partition("?")[0]))


def choose_language() -> str:
    """The person's own language, else the one chosen in this browser, else the browser's."""
    if not has_request_context():
        return "en"  # a worker's mail; mail.compose forces the reader's own
    if user := reader():
        return user.language
    offered = house.known().spoken
    chosen = session.get("language")
    if chosen in offered:
        return str(chosen)
    return request.accept_languages.best_match(list(offered)) or next(iter(offered))


def zone() -> ZoneInfo:
    """The reader's time zone: the person's, else the one the browser told, else UTC."""
    user = reader()
    return ZoneInfo(user.zone if user else known_zone() or "UTC")


def known_zone() -> str | None:
    """The zone a visitor's browser told us."""
    return session.get("zone") if has_request_context() else None


def reader() -> User | None:
    """Who reads the page; nobody in a worker, and nobody while the database is away, so that a page can say that it is."""
    try:
        user: User | None = current_user._get_current_object() if current_user else None  # None in a worker
        return user if user and user.is_authenticated and user.language else None
    except SQLAlchemyError:
        db.session.rollback()
        g._login_user = login.anonymous_user()
        return None


# ------------------------------------------------------------------------------------------------ formats


def money(value: Money) -> str:
    """The amount as the reader's language writes it; never without its currency."""
    digits = {"currency_digits": True} if value.amount % 10 ** exponent(value.currency) else {"currency_digits": False}
    pattern = None if digits["currency_digits"] else "¤ #,##0"
    text = flask_babel.format_currency(value.major, value.currency, format=pattern, **digits)
    return str(text).replace("\xa0", " ").replace(" ", "\xa0")


def when(value: datetime, zone_name: str | None = None) -> str:
    """Date, time and zone, in the reader's zone or in `zone_name`."""
    return f"{day(value, zone_name)}, {time_of_day(value, zone_name)}"


def soon(value: datetime, zone_name: str | None = None) -> str:
    """A deadline as people say it: the time alone today, tomorrow and the time, else the whole date."""
    where = ZoneInfo(zone_name) if zone_name else zone()
    ahead = (value.astimezone(where).date() - clock.today(where.key)).days
    if ahead not in (0, 1):
        return when(value, zone_name)
    at = time_of_day(value, zone_name)
    return at if ahead == 0 else _("tomorrow %(time)s", time=at)


def span(start: datetime, end: datetime, zone_name: str | None = None) -> str:
    """Date, both times and the zone; the end's date too where it is another."""
    if day(start, zone_name) != day(end, zone_name):
        return f"{when(start, zone_name)} – {when(end, zone_name)}"
    return f"{day(start, zone_name)}, {times(start, end, zone_name)[0]}–{time_of_day(end, zone_name)}"


def times(start: datetime, end: datetime, zone_name: str | None = None) -> tuple[str, str]:
    """From when and until when on one day: 10:00 and 10:50."""
    first = time_of_day(start, zone_name, with_zone=False)
    return clock_face.between(first, time_of_day(end, zone_name, with_zone=False))


def briefly(value: datetime, zone_name: str) -> str:
    """Day, time and zone in few letters, for an SMS."""
    local = value.astimezone(ZoneInfo(zone_name))
    return f"{flask_babel.format_date(local.date(), 'd MMM')} {time_of_day(value, zone_name)}"


def day(value: datetime | date, zone_name: str | None = None) -> str:
    """The date with its weekday."""
    pattern = "EEE d MMM yyyy"
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone_name) if zone_name else zone()).date()
    return str(flask_babel.format_date(value, pattern))


def near_day(value: datetime | date, zone_name: str | None = None) -> str:
    """Today, tomorrow, or the weekday and date; with its year where it is another one."""
    here = zone_name or zone().key
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(here)).date()
    today = clock.today(here)
    if value.year != today.year:
        return day(value)
    near = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
    return str(near.get(value) or flask_babel.format_date(value, "EEE d MMM"))


def whole_day(value: date) -> str:
    """The weekday and the date, in full; with its year where it is another one."""
    pattern = "EEEE d MMMM" if value.year == clock.today(zone().key).year else "EEEE d MMMM yyyy"
    return str(flask_babel.format_date(value, pattern))


def month_name(value: date) -> str:
    """The date's month, in short."""
    return str(flask_babel.format_date(value, "MMM"))


def days(value: timedelta) -> str:
    """So many whole days, in the reader's language: never in weeks."""
    return str(flask_babel.format_timedelta(timedelta(days=value.days), granularity="day", threshold=value.days + 1))


def time_of_day(value: datetime | time, zone_name: str | None = None, *, with_zone: bool = True) -> str:
    """The wall time with its zone."""
    if isinstance(value, time):
        return clock_face.shown(value)
    where = ZoneInfo(zone_name) if zone_name else zone()
    local = value.astimezone(where)
    text = clock_face.shown(local.time())
    return f"{text} {_zone_words(local, where)}" if with_zone or _comes_twice(local) else text


def _comes_twice(local: datetime) -> bool:
    """Whether the clock, being put back, shows this time two times: only its zone tells which is meant."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def _zone_words(local: datetime, where: ZoneInfo) -> str:
    short = local.tzname() or where.key
    if short.isalpha():
        return short
    city = clock_face.city(where.key)
    return f"{city}, UTC{local:%z}" if _comes_twice(local) else city


# ------------------------------------------------------------------------------------------------ every template


def _globals() -> dict[str, Any]:
    user = reader()
    code = str(flask_babel.get_locale() or "en").split("_", maxsplit=1)[0]
    return {
        "locale": code,
        "text_direction": "rtl" if code in languages.RIGHT_TO_LEFT else "ltr",
        "languages": list(house.known().spoken.items()),
        "unread_notices": notices.unread(user) if user else 0,
        "unread_messages": consultations.unread(user) if user else 0,
        "zone_name": zone().key,
    }


def static_url(filename: str) -> str:
    """The file's address with a mark of its content, so that browsers keep it for ever and never keep an old one."""
    return url_for("static", filename=filename, v=_mark(filename))


@cache
def _mark(filename: str) -> str:
    path = Path(current_app.static_folder or "") / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def _refuse_unstorable() -> None:
    """Text with a NUL in it is nobody's and no database's: 400. The raw bodies of programs are left alone here."""
    given = list(request.args.values())
    if not request.path.startswith(("/callbacks/", "/api/")):
        given += request.form.values()
    if any("\x00" in value for value in given):
        abort(400)
