"""What the gateways took, gave back and were told by banks, read from their own lists and compared with the rows."""

from app.services.backoffice.pull.pulls import (
    DEFAULT,
    LONGEST,
    YOUNG,
    Interrupted,
    go_through,
    listing,
    nightly,
    run,
    unread,
)

__all__ = ["DEFAULT", "LONGEST", "YOUNG", "Interrupted", "go_through", "listing", "nightly", "run", "unread"]
