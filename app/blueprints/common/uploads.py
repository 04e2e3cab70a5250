"""Files that people send, and get back to be saved."""

from flask import Response, request

# The endpoints that take files: every other body is refused long before it is as large as UPLOAD_LIMIT.
TAKE_FILES = {
    "paying.show_proof",
    "room.complete",
    "consultations.answer",
    "consultations.write",
    "staff.gateway_statement",
    "practice.change_photo",
    "staff.house_logo",
}
UPLOAD_LIMIT = 16 * 1024 * 1024  # more than any file may have, so that one too large is told so beside its field
# Whatever a file claims to be, a browser keeps it apart from our pages, and nobody between us keeps it at all.
_APART = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def uploaded(field: str, limit: int) -> tuple[str, bytes]:
    """Name and content of the file that was sent, of one too large only just enough to see that it is; else nothing."""
    sent = request.files.get(field)
    return (sent.filename or "", sent.stream.read(limit + 1)) if sent else ("", b"")


def all_uploaded(field: str, limit: int) -> tuple[tuple[str, bytes], ...]:
    """Name and content of every file that was sent under this name; of a field left empty nothing."""
    sent = [(each.filename or "", each.stream.read(limit + 1)) for each in request.files.getlist(field)]
    return tuple((name, content) for name, content in sent if name or content)


def to_save(file_name: str, media_type: str, content: bytes) -> Response:
    """Somebody's file, to be saved and never shown among our pages."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', **_APART}
    return Response(content, headers=headers, content_type=media_type)
