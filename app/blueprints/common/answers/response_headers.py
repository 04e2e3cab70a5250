"""What every answer tells browsers: what a page may load, do and be part of, and for how long anything is kept.

docs/operating.md says in a table why each is there.
"""

from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, g, request

from app.gateways.base import Gateway, WindowPolicy
from app.services.core import payment_methods

# A year, for every host below ours too: one of them without TLS could set cookies for us, or be us on somebody's network.
_TLS_ALONE = "max-age=31536000; includeSubDomains"
# Nothing here uses them, so no script that got in may either, nor a frame. Passkeys are not among them.
_UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)


@dataclass(frozen=True)
class Kind:
    """What sets one kind of answer apart."""

    frame_ancestors: str = "'none'"  # who may show it inside a page of theirs, as CSP writes it
    caching: str = "no-store"  # "": as long as Flask says of a file
    forgets: str = ""  # what of ours the browser throws away, as Clear-Site-Data writes it


_PAGE = Kind()
# By endpoint; everything else is a page like all others. What other sites may frame gets a row here, and nothing else.
_KINDS = {
    "static": Kind(caching=""),
    # What pages have left in the browser's own storage goes with the session. Cookies stay: the language is in ours, and the
    # message that it worked. So does the cache: no page of ours is kept there.
    "people.logout": Kind(forgets='"storage"'),
}


def register(app: Flask) -> None:
    """Every answer has them: pages, errors, the API, files, callbacks, health."""
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    kind = _KINDS.get(request.endpoint or "", _PAGE)
    window = _window_policy()
    told = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers from before frame-ancestors, which all others go by
        "Referrer-Policy": _referrer_policy(window),
        "Permissions-Policy": _permissions_policy(window),
        "Content-Security-Policy": _security_policy(kind, window),
        "Cross-Origin-Opener-Policy": _opener_policy(window),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": _TLS_ALONE if current_app.config["PRODUCTION"] else "",  # reached by https alone
        "Cache-Control": kind.caching,
        "Clear-Site-Data": kind.forgets if response.status_code < 400 else "",
    }
    for name, value in told.items():
        if value:
            response.headers.setdefault(name, value)
    return _as_file(response) if request.endpoint == "static" else response


# ------------------------------------------------------------------------------------------------ each of them


def _as_file(response: Response) -> Response:
    """A file is sent whole, and kept for ever where its address has a mark of its content (web.static_url)."""
    response.direct_passthrough = False  # they are small, and the compressor would leave a streamed one open
    response.get_data()
    if "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _referrer_policy(window: WindowPolicy) -> str:
    # At most the origin alone: an address here names a checkout.
    return "strict-origin-when-cross-origin" if window.tells_origin else "same-origin"


def _permissions_policy(window: WindowPolicy) -> str:
    """What no script and no frame may use; a payment company's window may use what its gateway says."""
    theirs = " ".join(("self", *(f'"{host}"' for host in window.hosts)))
    return ", ".join(f"{name}=({theirs if name in window.features else ''})" for name in _UNUSED)


def _opener_policy(window: WindowPolicy) -> str:
    # Another site's page has no hand on ours. A bank's page in a pop-up must be able to tell the window that it is done.
    return "same-origin-allow-popups" if window.opens_popups else "same-origin"


def _security_policy(kind: Kind, window: WindowPolicy) -> str:
    pay = " ".join(sorted({host for gateway in payment_methods.offered().values() for host in gateway.hosts}))
    script = " ".join(window.hosts)
    styles = " 'unsafe-inline'" if window.inline_styles else ""
    return (
        f"default-src 'self'; script-src 'self' {script}; style-src 'self'{styles}; img-src 'self' data: {script}; "
        f"connect-src 'self' {script}; frame-src 'self' {script} {' '.join(window.app_schemes)}; "
        f"form-action 'self' {pay}; frame-ancestors {kind.frame_ancestors}; base-uri 'none'; object-src 'none'"
    )


def _window_policy() -> WindowPolicy:
    """What a payment company's window may do here: something only on the page where the client has chosen it (g.window_of)."""
    gateway: Gateway | None = g.get("window_of")
    if gateway is None:
        return WindowPolicy()
    return replace(gateway.window_policy, hosts=(*gateway.hosts, *gateway.window_policy.hosts))
