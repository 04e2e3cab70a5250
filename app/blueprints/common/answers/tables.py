"""Tables that people take along as files."""

from collections.abc import Iterable, Sequence

from flask import Response

from app.lib.papers import csvs


def file(name: str, heads: Sequence[object], rows: Iterable[Sequence[object]]) -> Response:
    """The table as a CSV file of that name; nothing on the way keeps a copy."""
    answer = Response(csvs.table([str(head) for head in heads], rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
