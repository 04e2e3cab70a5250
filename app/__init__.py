"""The application factory: extensions, gateways, doors and error pages are put together here and nowhere else."""

import logging
from collections.abc import Mapping

from flask import Flask

import config
from app import cli, gateways, messengers
from app.blueprints import api, backoffice, consultations, health, home
from app.blueprints.accounts import my_data, people
from app.blueprints.bookings import attendees, booking, calendar_files, finding_a_time, history, intake_forms
from app.blueprints.common import error_pages, web
from app.blueprints.ledger import receipts, statements, taxes
from app.blueprints.notifications import notices, preferences, short_links
from app.blueprints.payments import checkout_page, manual_payments, webhooks
from app.blueprints.practice import external_calendars, intake_form_editor, own_pages
from app.blueprints.prepaid import gifts, packages, wallet
from app.blueprints.scheduling import instant, reschedules, rosters, waitlist
from app.blueprints.sessions import notes, ratings, room
from app.extensions import compress, csrf, db, limiter, login, migrate, queue
from app.lib import database
from app.lib.sealing import Keyring

_DOORS = (
    api,
    attendees,
    booking,
    calendar_files,
    webhooks,
    finding_a_time,
    consultations,
    gifts,
    health,
    history,
    instant,
    reschedules,
    my_data,
    notes,
    notices,
    packages,
    home,
    intake_forms,
    checkout_page,
    people,
    own_pages,
    external_calendars,
    intake_form_editor,
    manual_payments,
    ratings,
    receipts,
    room,
    rosters,
    short_links,
    backoffice,
    statements,
    preferences,
    taxes,
    waitlist,
    wallet,
)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """A ready application for `environ` (default: the process's). Raises ConfigError or SettingsMissing."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config.update(config.from_environment(environ))
    _open_log(app.config["LOG_LEVEL"])
    database.prepare(app)
    _bind_extensions(app)
    chosen = gateways.configured(app.config["ENVIRON"])
    app.extensions["gateways"] = gateways.build(chosen, app.config["ENVIRON"])
    # SECRET_KEY opens too: what it sealed before there were keys of their own is read until it is sealed again.
    app.extensions["keyring"] = Keyring([*app.config["SEAL_KEYS"], app.config["SECRET_KEY"]])
    app.extensions["messenger"] = messengers.build(app.config["ENVIRON"])
    for door in _DOORS:
        app.register_blueprint(door.blueprint)
    web.register(app)
    error_pages.register(app)
    cli.register(app)
    return app


def _open_log(level: str) -> None:
    # Lines of "what happened key=value ..."; the server's own and the libraries' stay at warnings.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("app").setLevel(level)


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    login.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    compress.init_app(app)
    queue.init_app(app)
    with app.app_context():
        database.tune(db.engine)
