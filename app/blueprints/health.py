"""Whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, jsonify

from app.extensions import limiter
from app.services.backoffice import doctor

blueprint = Blueprint("health", __name__)
limiter.exempt(blueprint)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Database, migrations and clock; queue, worker, sweeps and disk are said too, and do not stop bookings (200)."""
    findings = doctor.ready()
    ok = all(finding.ok for finding in findings if finding.vital)
    shown = {finding.name: finding.words if not finding.ok else "ok" for finding in findings}
    return jsonify(status="ok" if ok else "not ready", **shown), 200 if ok else 503
