"""Who may send a form: a page of our own. Beside the form's token, what the browser says about the page it comes from."""

import logging
from urllib.parse import urlsplit

from flask import current_app, g, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import Forbidden

log = logging.getLogger(__name__)

# What Sec-Fetch-Site may say: a page of this very origin, or no page at all (somebody has loaded a sent form again). Not
# "same-site": a neighbour below the same name is somebody else. https://www.w3.org/TR/fetch-metadata/
_NO_OTHER_SITE = ("same-origin", "none")


class FromOtherSite(Forbidden):
    """A form that a page of another site has sent with this person's cookie."""


class Protection(CSRFProtect):  # type: ignore[misc]  # it has no types
    """Flask-WTF's tokens, and who sent the form. What is exempt from the one (callbacks, returns, the API) is from the other."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """The request, which a cookie authorises, comes from a page of ours. Raises CSRFError or FromOtherSite."""
        g.pop("csrf_valid", None)
        super().protect(apply_exemptions)
        if g.get("csrf_valid") and not _is_ours():  # it was asked for a token, and the session's own came with it
            # A proxy that sets neither Host nor X-Forwarded-Host, or another PUBLIC_URL than people type, shows here.
            said = [request.headers.get(name) for name in ("Origin", "Sec-Fetch-Site")]
            log.warning("request.other_site path=%s origin=%r site=%r", request.path, *said)
            raise FromOtherSite


def _is_ours() -> bool:
    """What the browser says; what says neither (an old browser, a program) has only the token to show."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _NO_OTHER_SITE
    origin = request.headers.get("Origin")
    return origin is None or origin in _our_names()


def _our_names() -> tuple[str, ...]:
    """Our origins: PUBLIC_URL's, and that of the host the browser has asked, which may know us by another name."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    # Never by plain http where we are reached by TLS; behind a proxy that nobody told us of, only the browser knows that it is.
    return (f"{public.scheme}://{public.netloc}", f"{public.scheme}://{request.host}", f"https://{request.host}")
