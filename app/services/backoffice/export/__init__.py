"""Everybody's own data, to take away: one ZIP with everything Kikao holds about them."""

from app.services.backoffice.export.archive import Page, archive
from app.services.backoffice.export.sections import SECTIONS, Section, of

__all__ = ["SECTIONS", "Page", "Section", "archive", "of"]
