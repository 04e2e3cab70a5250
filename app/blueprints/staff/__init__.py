"""The staff's pages: where the money is, what waits for a person, one payment's whole story, and acts on all of it."""

from app.blueprints.staff import acts, reading, trail
from app.blueprints.staff.desk import blueprint

__all__ = ["acts", "blueprint", "reading", "trail"]
