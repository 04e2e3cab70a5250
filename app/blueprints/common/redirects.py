"""Where to go next: always a page of ours that can be opened."""

from urllib.parse import urlsplit

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def go(endpoint: str, **values: object) -> ResponseReturnValue:
    """Go and GET that page: a reload then repeats nothing."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]


def go_next(fallback: str, **values: object) -> ResponseReturnValue:
    """Go to the page the form or address named, if it is one of ours that can be opened; else to the fallback."""
    wanted = safe_path(request.form.get("next") or request.args.get("next") or "")
    return redirect(wanted, 303) if wanted else go(fallback, **values)


def safe_path(target: str) -> str:
    """`target` if it is the address of a page of ours, else nothing: never another site, never a form's address."""
    # All of it before it is taken apart, which fails at half of a host: what is left has neither scheme nor host.
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return ""
    try:
        current_app.url_map.bind("").match(urlsplit(target).path, method="GET")
    except RequestRedirect:
        return ""
    except HTTPException:
        return ""
    return target


def page_asked_for() -> str:
    """The page this request asks for, or of a form the page that it stood on; empty where a browser cannot go there."""
    if request.method == "GET":
        return safe_path(request.full_path.removesuffix("?"))
    stood_on = urlsplit(request.referrer or "")
    return safe_path(stood_on._replace(scheme="", netloc="").geturl())
