"""Who was stopped by which quota, when and how often."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.blueprints.backoffice.desk import blueprint
from app.services.backoffice.overview import stops


@blueprint.get("/stops", endpoint="stops")
def show_stops() -> ResponseReturnValue:
    """The newest first; strangers are told apart by a few letters of a digest, never named."""
    return render_template("backoffice/stops.html", stops=stops.lately(), most=stops.SHOWN)
