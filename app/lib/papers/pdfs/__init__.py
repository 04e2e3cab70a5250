"""Papers as PDF: what is to stand on them in, bytes out. Pure, and the same bytes each time."""

from app.lib.papers.pdfs.sheet import Sheet, Table

__all__ = ["Sheet", "Table", "render"]


def render(sheet: Sheet) -> bytes:
    """Return the paper as a PDF file."""
    from app.lib.papers.pdfs import paper  # noqa: PLC0415  (fpdf2 and fontTools cost as much as Flask; few processes draw)

    return paper.render(sheet)
