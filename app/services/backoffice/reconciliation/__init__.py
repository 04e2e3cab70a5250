"""The audit: every invariant of docs/architecture.md as a question to the whole database; no answer means all is well."""

from app.services.backoffice.reconciliation.against import compare
from app.services.backoffice.reconciliation.books import Breach, breaches, count, last, nightly, run

__all__ = ["Breach", "breaches", "compare", "count", "last", "nightly", "run"]
