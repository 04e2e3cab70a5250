"""Where to tell of a hole: /.well-known/security.txt, by which researchers find whoever runs the site.

https://www.rfc-editor.org/rfc/rfc9116
"""

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app

from app.lib import clock

blueprint = Blueprint("security_txt", __name__)
# "Recommended to be less than a year": it is made anew with every answer, so it never ends while the site is there.
_VALID = timedelta(days=180)


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Whom to write to, in English; 404 where KIKAO_SECURITY_CONTACT names nobody."""
    contact = current_app.config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    day = (clock.now() + _VALID).date()
    lines = (
        f"Contact: {contact}",
        f"Expires: {day.isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {current_app.config['PUBLIC_URL']}/.well-known/security.txt",
    )
    return Response("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
