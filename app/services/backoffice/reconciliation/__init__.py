"""The audit: every invariant of docs/architecture.md as a question to the whole database; no answer means all is well."""

from app.services.backoffice.reconciliation.audit_runs import Breach, breaches, count, is_due, last, nightly, run
from app.services.backoffice.reconciliation.vendor_comparison import compare

__all__ = ["Breach", "breaches", "compare", "count", "is_due", "last", "nightly", "run"]
