"""The ZIP itself, written to a file on disk row by row and upload by upload, so that a large account needs little memory."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select

from app.extensions import db
from app.lib import clock
from app.models import (
    ConsultationFile,
    ConsultationMessage,
    Practitioner,
    PractitionerPhoto,
    Proof,
    Role,
    SessionProof,
    User,
)
from app.services.backoffice.erasure import Theirs
from app.services.backoffice.export.rows import cell
from app.services.backoffice.export.sections import Section, of
from app.services.core import encryption
from app.services.core.errors import Unavailable

_CHUNK = 64 * 1024
Read = Callable[[], bytes]


@dataclass(frozen=True)
class Page:
    """What the page to begin with says: each part and its number of rows, how many files there are, and which are missing."""

    user: User
    parts: list[tuple[str, int]]
    files: int
    closed: list[str]  # names of files whose seal cannot be opened now


def archive(user: User, page: Callable[[Page], str]) -> IO[bytes]:
    """An open file, at its beginning: data.json, a table (CSV) for each part, the uploads, and `page` as read-me.html."""
    made = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    try:
        with ZipFile(made, "w", ZIP_DEFLATED) as target:
            counts = _parts(target, user)
            files, closed = _files(target, user)
            target.writestr("read-me.html", page(Page(user, counts, files, closed)))
    except BaseException:
        made.close()
        raise
    made.seek(0)
    return made


def _parts(target: ZipFile, user: User) -> list[tuple[str, int]]:
    """Each part as a table; all of them together as JSON."""
    counts = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as together:
        together.write(json.dumps({"made_at": clock.now().isoformat()})[:-1])
        for section in of(user):
            together.write(f",\n{json.dumps(section.name)}: [")
            counts.append((section.name, _part(target, together, section, user)))
            together.write("]")
        together.write("}\n")
        together.seek(0)
        with target.open("data.json", "w", force_zip64=True) as entry:
            while some := together.read(_CHUNK):
                entry.write(some.encode())
    return counts


def _part(target: ZipFile, together: IO[str], section: Section, user: User) -> int:
    count = 0
    with (
        target.open(f"{section.name}.csv", "w", force_zip64=True) as entry,
        io.TextIOWrapper(entry, "utf-8-sig") as text,
    ):
        table = csv.writer(text)
        for count, row in enumerate(section.rows(user), 1):
            if count == 1:
                table.writerow(row)
            table.writerow(map(cell, row.values()))
            together.write(f"{',' if count > 1 else ''}\n{json.dumps(row, ensure_ascii=False)}")
    return count


def _files(target: ZipFile, user: User) -> tuple[int, list[str]]:
    """How many files are in it now, and the names of those that are not: one lost key must not keep all the rest back."""
    count = 0
    closed = []
    for name, read in _uploads(user):
        try:
            target.writestr(f"files/{name}", read())
            count += 1
        except Unavailable:
            closed.append(name)
    return count, closed


def _uploads(user: User) -> Iterator[tuple[str, Read]]:
    """The name of everything the person has sent, one after the other, and how to read it. Reading raises Unavailable."""
    paid = select(Proof.id, Proof.file_name).where(Proof.attempt_id.in_(Theirs(user.id).attempts))
    held = select(SessionProof.id, SessionProof.file_name).where(SessionProof.sent_by == user.id)
    kinds: tuple[tuple[str, Any, Any], ...] = (("proof", paid, Proof), ("session", held, SessionProof))
    for kind, statement, model in kinds:
        if (kind == "proof") == (user.role is not Role.CLIENT):
            continue
        for key, file_name in db.session.execute(statement).all():
            content = db.session.scalar(select(model.content).where(model.id == key))
            if content is not None:
                yield f"{kind}-{key}-{file_name}", partial(bytes, content)
    yield from _photo(user)
    yield from _written_with(user)


def _photo(user: User) -> Iterator[tuple[str, Read]]:
    """What everybody sees of a practitioner's face, in the larger size."""
    mine = select(PractitionerPhoto.large).join(Practitioner).where(Practitioner.user_id == user.id)
    content = db.session.scalar(mine)
    if content is not None:
        yield "photo.webp", partial(bytes, content)


def _written_with(user: User) -> Iterator[tuple[str, Read]]:
    """What came with the messages of a client's conversations, and what a practitioner sent with theirs."""
    mine = ConsultationMessage.checkout_id.in_(Theirs(user.id).checkouts) | (ConsultationMessage.author_id == user.id)
    statement = select(ConsultationFile.id).join(ConsultationFile.message).where(mine).order_by(ConsultationFile.id)
    for key in db.session.scalars(statement).all():
        file = db.session.get_one(ConsultationFile, key)
        yield f"question-{key}-{file.file_name}", partial(encryption.read_bytes, file, "content")
        db.session.expunge(file)
