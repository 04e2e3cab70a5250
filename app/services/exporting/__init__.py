"""Everybody's own data, to take away: one ZIP with everything Kikao holds about them."""

from app.services.exporting.archive import Page, archive
from app.services.exporting.sections import SECTIONS, Section, of

__all__ = ["SECTIONS", "Page", "Section", "archive", "of"]
