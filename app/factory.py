"""The application factory: extensions, gateways, doors and error pages are put together here and nowhere else."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from flask import Flask

import config
from app import gateways, messengers
from app.extensions import compress, csrf, db, limiter, login, migrations, queue
from app.gateways.base import Gateway
from app.gateways.base import SettingsMissing as GatewaySettingsMissing
from app.lib import database
from app.lib.compiled_templates import CompiledTemplates
from app.lib.routes import Route
from app.lib.sealing import Keyring
from app.messengers.base import Messenger
from app.messengers.base import SettingsMissing as MessengerSettingsMissing

# Every door, below app.blueprints: a module or package with a `blueprint`. Imported when an application is made.
DOORS = (
    "accounts.becoming",
    "accounts.codes",
    "accounts.first_staff",
    "accounts.joining",
    "accounts.my_data",
    "accounts.people",
    "accounts.second_factors",
    "accounts.second_step",
    "accounts.phone",
    "accounts.providers",
    "accounts.security",
    "api",
    "backoffice",
    "bookings.attendance",
    "bookings.attendees",
    "bookings.booking",
    "bookings.calendar_files",
    "bookings.asking.time_picker",  # and with it bookings.asking.profile_page
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
    "payments.shown_payments",  # and with it payments.checkout_page
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
    "security_txt",
    "sessions.notes",
    "sessions.ratings",
    "sessions.room",
)


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Return a ready application for `environ` (default: the process's). Raises ConfigError with all that is wrong."""
    settings, offered, messenger = _read(config.Given(os.environ if environ is None else environ))
    app = Flask("app", static_folder="static", template_folder="templates")
    app.url_rule_class = Route
    app.jinja_options = {"bytecode_cache": CompiledTemplates(config.ROOT / "app")}
    app.config.update(settings)
    _open_log(app.config["LOG_LEVEL"])
    database.prepare(app)
    _bind_extensions(app)
    app.extensions["gateways"] = offered
    # SECRET_KEY's list opens too: what it sealed before there were keys of their own is read until it is sealed again.
    secrets = (app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"])
    app.extensions["keyring"] = Keyring([*app.config["SEAL_KEYS"], *secrets])
    app.extensions["messenger"] = messenger
    _open_doors(app)
    return app


def _read(given: config.Given) -> tuple[dict[str, Any], dict[str, Gateway], Messenger | None]:
    """What the environment says, to us and to the vendors' adapters. Raises ConfigError: who mends one thing sees the rest."""
    wrong: list[str] = []
    with _noting(wrong):
        settings = config.from_environment(given)
    with _noting(wrong):
        offered = gateways.build(gateways.configured(given), given)
    with _noting(wrong):
        messenger = messengers.build(given)
    if wrong:
        raise config.ConfigError("; ".join(wrong))
    return settings, offered, messenger


@contextmanager
def _noting(wrong: list[str]) -> Iterator[None]:
    try:
        yield
    except (config.ConfigError, GatewaySettingsMissing, MessengerSettingsMissing) as error:
        wrong.append(str(error))


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
    from app.blueprints.bookings import meeting_facts  # noqa: PLC0415
    from app.blueprints.common import web  # noqa: PLC0415
    from app.blueprints.common.answers import error_pages, front_door  # noqa: PLC0415
    from app.blueprints.common.times import clocks  # noqa: PLC0415
    from app.jobs import command  # noqa: PLC0415
    from app.services.backoffice import message_rules  # noqa: PLC0415

    message_rules.install(app)
    for name in DOORS:
        app.register_blueprint(import_module(f"app.blueprints.{name}").blueprint)
    web.register(app)
    clocks.register(app)
    meeting_facts.register(app)
    front_door.register(app)
    error_pages.register(app)
    cli.register(app)
    command.register(app)
