"""Backups: one file with all that Kikao holds but its keys, and the books as they were when it was made."""

from app.services.backoffice.backups.backup_files import newest_at, tidy
from app.services.backoffice.backups.database_backup import Facts, make
from app.services.backoffice.backups.restoration import NotRestored, Restoration
from app.services.backoffice.backups.restored_books import settle_in

__all__ = ["Facts", "NotRestored", "Restoration", "make", "newest_at", "settle_in", "tidy"]
