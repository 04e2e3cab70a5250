"""Files of a conversation: checked by their content, sealed, and for the two people alone."""

import uuid
from collections.abc import Iterable, Sequence

from app.lib import chance
from app.models import ConsultationFile, ConsultationMessage, User
from app.services.consultations.question_queries import get
from app.services.core import encryption
from app.services.core import uploads as files
from app.services.core.errors import Invalid, NotFound

Upload = tuple[str, bytes]  # the name it was sent with, and its content
LIMIT = files.LIMIT  # bytes of one
PER_MESSAGE = 3
PER_SIDE = 20  # of a conversation: nobody takes the other's room


def checked(uploads: Iterable[Upload]) -> list[ConsultationFile]:
    """Each file that was sent, sealed and ready to be stored.

    Raises Invalid (too_many, proof_type, proof_size).
    """
    sent = [(name, content) for name, content in uploads if name or content]
    if len(sent) > PER_MESSAGE:
        raise Invalid("too_many", field="file", most=PER_MESSAGE)
    if not all(content for _, content in sent):
        raise Invalid("proof_type", field="file")
    return [_sealed(place, name, content) for place, (name, content) in enumerate(sent, 1)]


def _sealed(place: int, name: str, content: bytes) -> ConsultationFile:
    media = files.media_type(content)
    file = ConsultationFile(
        id=chance.new_id(),
        place=place,
        file_name=files.clean_name(name, media),
        media_type=media,
        size=len(content),
    )
    encryption.write_bytes(file, "content", content)
    return file


def check_room(written: Iterable[ConsultationMessage], more: Sequence[ConsultationFile]) -> None:
    """There is room for them beside what their sender has `written`. Raises Invalid (too_many)."""
    there = sum(len(message.files) for message in written) if more else 0
    if more and there + len(more) > PER_SIDE:
        raise Invalid("too_many", field="file", most=PER_SIDE)


def named_alike(some: Iterable[ConsultationFile], others: Iterable[ConsultationFile]) -> bool:
    """Whether they look like the same files sent again."""
    return [(each.file_name, each.size) for each in some] == [(each.file_name, each.size) for each in others]


def get_file(consultation_id: uuid.UUID, file_id: uuid.UUID, user: User) -> ConsultationFile:
    """The file, for the two people. Raises NotFound."""
    messages = get(consultation_id, user).messages
    found = next((file for message in messages for file in message.files if file.id == file_id), None)
    if found is None:
        raise NotFound
    return found


def content_of(file: ConsultationFile) -> bytes:
    """What is in it. Raises Unavailable (sealed_away)."""
    return encryption.read_bytes(file, "content")
