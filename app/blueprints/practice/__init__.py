"""The practitioner's pages: today, the list of bookings, opening hours, public profile, services."""

from app.blueprints.practice import absences, blocked, disputes, opening_hours, profile, service_editor
from app.blueprints.practice.dashboard import blueprint

__all__ = ["absences", "blocked", "blueprint", "disputes", "opening_hours", "profile", "service_editor"]
