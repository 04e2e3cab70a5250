"""Writing and reading: each message once however often it is sent; news only to who read the last."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from app.domain.lifecycle import CONSULTATION_MOVES, WRITABLE, Actor
from app.domain.quotas import Rule
from app.lib import clock
from app.models import Consultation, ConsultationFile, ConsultationMessage, User
from app.services.consultations import question_words
from app.services.consultations.attachments import Upload, check_room, checked, named_alike
from app.services.consultations.question_queries import own, read_by, role_in, status_now
from app.services.consultations.question_statuses import transition
from app.services.consultations.sealed_texts import MESSAGES_LIMIT, add, clean, text_of
from app.services.core import quotas
from app.services.core.errors import Conflict, Forbidden, Invalid, Unavailable
from app.services.core.transaction import Who, lock, transaction

_TWICE = timedelta(minutes=1)  # the same words again within this are the same press, from whatever tab


@dataclass(frozen=True)
class Written:
    """What somebody sends: words, files, the form's key, and the number of the last message they saw."""

    text: str = ""
    files: tuple[Upload, ...] = ()
    request_key: str | None = None
    seen: int = 0


@dataclass(frozen=True)
class _Letter:
    """What somebody sends, tidy and checked."""

    text: str
    request_key: str | None
    seen: int
    files: list[ConsultationFile] = field(default_factory=list)


def answer(consultation_id: uuid.UUID, user: User, written: Written) -> ConsultationMessage:
    """The question is answered and the client will be told; both may write for the days promised.

    Raises NotFound, Forbidden, Invalid (answer_missing, too_long, too_many, proof_type, proof_size),
    Conflict (not_allowed, answer_too_late).
    """
    letter = _checked(written, "answer")
    with transaction():
        consultation = _locked(consultation_id, user)
        if role_in(consultation, user) is Actor.CLIENT:
            raise Forbidden("forbidden")
        before = _said_before(consultation, user, letter)
        return before if before is not None else _answer(consultation, user, letter)


def write(consultation_id: uuid.UUID, user: User, written: Written) -> ConsultationMessage:
    """The message stands in the conversation and the other side will hear of it.

    A practitioner's first is the answer.
    The same once more, by its key or within a minute, is the same message. Raises NotFound, Invalid (text_missing,
    too_long, too_many, proof_type, proof_size), Conflict (not_allowed, answer_too_late, too_many_messages).
    """
    letter = _checked(written, "text")
    with transaction():
        consultation = _locked(consultation_id, user)
        before = _said_before(consultation, user, letter)
        if before is not None:
            return before
        is_answer = consultation.status in CONSULTATION_MOVES["answer"]
        if is_answer and role_in(consultation, user) is Actor.PRACTITIONER:
            return _answer(consultation, user, letter)
        return _write(consultation, user, letter)


def mark_read(consultation_id: uuid.UUID, user: User, number: int) -> Consultation:
    """Everything up to this message is read by the person; never less than before. Raises NotFound."""
    with transaction():
        consultation = _locked(consultation_id, user)
        _saw(consultation, role_in(consultation, user), number)
        return consultation


def _locked(consultation_id: uuid.UUID, user: User) -> Consultation:
    return own(lock(Consultation, consultation_id), user)


def _checked(written: Written, name: str) -> _Letter:
    files = checked(written.files)
    words = clean(written.text, name, needed=name == "answer" or not files)
    return _Letter(words, written.request_key, written.seen, files)


def _said_before(consultation: Consultation, user: User, letter: _Letter) -> ConsultationMessage | None:
    """The message that an earlier press of the same has made."""
    mine = [each for each in consultation.messages if each.author_id == user.id and each.number > 1]
    by_key = [each for each in mine if letter.request_key and each.request_key == letter.request_key]
    just_now = [each for each in mine[-1:] if each.written_at > clock.now() - _TWICE]
    return next((each for each in by_key + just_now if _is_same(each, letter)), None)


def _is_same(message: ConsultationMessage, letter: _Letter) -> bool:
    try:
        return text_of(message) == letter.text and named_alike(message.files, letter.files)
    except Unavailable:
        return False


def _answer(consultation: Consultation, user: User, letter: _Letter) -> ConsultationMessage:
    transition(consultation, "answer", Who(Actor.PRACTITIONER, user.id))
    message = _put(consultation, user, letter)
    question_words.answered(consultation)
    return message


def _write(consultation: Consultation, user: User, letter: _Letter) -> ConsultationMessage:
    if status_now(consultation) not in WRITABLE:
        raise Conflict("not_allowed", action="write", status=status_now(consultation).value)
    quiet = _has_news(consultation, user)
    quotas.spend_here({Rule.MESSAGES: user.id})
    message = _put(consultation, user, letter)
    if not quiet:
        question_words.wrote(consultation, message)
    return message


def _put(consultation: Consultation, user: User, letter: _Letter) -> ConsultationMessage:
    number = consultation.messages[-1].number + 1
    mine = [each for each in consultation.messages if each.author_id == user.id]
    if len(mine) >= MESSAGES_LIMIT:
        raise Invalid("too_many", field="text", most=MESSAGES_LIMIT)
    check_room(mine, letter.files)
    taken = {each.request_key for each in mine}
    key = None if letter.request_key in taken else letter.request_key  # the same form with other words: another message
    _saw(consultation, role_in(consultation, user), letter.seen)
    return add(consultation.checkout_id, number, user, letter.text, key, letter.files)


def _has_news(consultation: Consultation, author: User) -> bool:
    """Whether the other side was told less than a day ago of something they have not read yet."""
    part = Actor.PRACTITIONER if role_in(consultation, author) is Actor.CLIENT else Actor.CLIENT
    seen = read_by(consultation, part)
    new = [each for each in consultation.messages if each.author_id == author.id and each.number > seen]
    return bool(new) and new[-1].written_at > clock.now() - question_words.AGAIN_AFTER


def _saw(consultation: Consultation, part: Actor, number: int) -> None:
    last = min(number, consultation.messages[-1].number)
    if part is Actor.CLIENT:
        consultation.client_read = max(consultation.client_read, last)
    else:
        consultation.practitioner_read = max(consultation.practitioner_read, last)
