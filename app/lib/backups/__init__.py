"""Copies of a whole database while it is in use, one file each, and a database that is made of such a file.

SQLite by its online backup, PostgreSQL by its own tools. Nothing here knows what is in the database.
"""

from app.lib.backups.archive import BadArchive, unpack, write
from app.lib.backups.databases import CopyFailed, Database, of

__all__ = ["BadArchive", "CopyFailed", "Database", "of", "unpack", "write"]
