"""The application factory: extensions, gateways, doors and error pages are put together here and nowhere else."""

import logging
from collections.abc import Mapping
from importlib import import_module

from flask import Flask

import config
from app import gateways, messengers
from app.extensions import compress, csrf, db, limiter, login, migrations, queue
from app.lib import database
from app.lib.routes import Route
from app.lib.sealing import Keyring

# Every door, below app.blueprints: a module or package with a `blueprint`. Imported when an application is made.
DOORS = (
    "accounts.codes",
    "accounts.my_data",
    "accounts.people",
    "accounts.security",
    "api",
    "backoffice",
    "bookings.attendees",
    "bookings.booking",
    "bookings.calendar_files",
    "bookings.time_picker",
    "bookings.history",
    "bookings.intake_forms",
    "consultations",
    "health",
    "home",
    "ledger.receipts",
    "ledger.statements",
    "ledger.taxes",
    "notifications.notices",
    "notifications.preferences",
    "notifications.short_links",
    "payments.checkout_page",
    "payments.manual_payments",
    "payments.webhooks",
    "practice.external_calendars",
    "practice.intake_form_editor",
    "practice",
    "prepaid.gifts",
    "prepaid.packages",
    "prepaid.wallet",
    "scheduling.instant",
    "scheduling.reschedules",
    "scheduling.rosters",
    "scheduling.waitlist",
    "sessions.notes",
    "sessions.ratings",
    "sessions.room",
)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Return a ready application for `environ` (default: the process's). Raises ConfigError or SettingsMissing."""
    app = Flask("app", static_folder="static", template_folder="templates")
    app.url_rule_class = Route
    app.config.update(config.from_environment(environ))
    _open_log(app.config["LOG_LEVEL"])
    database.prepare(app)
    _bind_extensions(app)
    chosen = gateways.configured(app.config["ENVIRON"])
    app.extensions["gateways"] = gateways.build(chosen, app.config["ENVIRON"])
    # SECRET_KEY opens too: what it sealed before there were keys of their own is read until it is sealed again.
    app.extensions["keyring"] = Keyring([*app.config["SEAL_KEYS"], app.config["SECRET_KEY"]])
    app.extensions["messenger"] = messengers.build(app.config["ENVIRON"])
    _open_doors(app)
    return app


def _open_log(level: str) -> None:
    # Lines of "what happened key=value ..."; the server's own and the libraries' stay at warnings.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("app").setLevel(level)


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrations.init_app(app)
    login.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    compress.init_app(app)
    queue.init_app(app)
    with app.app_context():
        database.tune(db.engine)


def _open_doors(app: Flask) -> None:
    from app import cli  # noqa: PLC0415  (the doors' own ground, imported with them)
    from app.blueprints.common import error_pages, web  # noqa: PLC0415
    from app.services.backoffice import message_rules  # noqa: PLC0415

    message_rules.install(app)
    for name in DOORS:
        app.register_blueprint(import_module(f"app.blueprints.{name}").blueprint)
    web.register(app)
    error_pages.register(app)
    cli.register(app)
