"""The staff's pages: where the money is, what waits for a person, one payment's whole story, and acts on all of it."""

from app.blueprints.backoffice import acts, audit_log, disputes, gateway_statements, house, people, reports, stops
from app.blueprints.backoffice.desk import blueprint

__all__ = ["acts", "audit_log", "blueprint", "disputes", "gateway_statements", "house", "people", "reports", "stops"]
