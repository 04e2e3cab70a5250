"""Sealing: what is written in confidence stays so, and no key is lost."""

from mutants.mutant import Mutant

_SEALS = "tests/services/core/test_encryption.py"
_SEALING = "tests/unit/test_sealing.py"

MUTANTS = (
    Mutant(
        "a sealed text opens in any row",
        "app/services/core/encryption.py",
        'f"{row.__tablename__}.{column}:{inspect(row).mapper.primary_key_from_instance(row)[0]}"',
        'f"{row.__tablename__}.{column}"',
        f"{_SEALS}::test_a_sealed_text_copied_to_another_booking_does_not_open",
    ),
    Mutant(
        "the last key seals",
        "app/lib/sealing.py",
        "self.first = next(iter(self._secrets))",
        "self.first = next(reversed(self._secrets))",
        _SEALING,
    ),
    Mutant(
        "a sealed text says when it was written",
        "app/lib/sealing.py",
        ".encrypt_at_time(text.encode(), 0)",
        ".encrypt(text.encode())",
        _SEALING,
    ),
    Mutant(
        "gift codes keep the old key",
        "app/services/core/encryption.py",
        '    (Gift, "code"),\n',
        "",
        _SEALS,
    ),
    Mutant(
        "what is there from before there were seals stays open",
        "app/services/core/encryption.py",
        'select(key).where(texts != "", ~is_first)',
        "select(key).where(texts.startswith(MARK), ~is_first)",
        f"{_SEALS}::test_after_a_rotation_the_old_key_is_not_needed_any_more",
    ),
    Mutant(
        "a message is kept as it was written",
        "app/services/consultations/sealed_texts.py",
        '    encryption.write(message, "text", written)\n',
        "    message.text = written\n",
        "tests/stories/test_conversation.py::test_what_was_written_is_nowhere_in_the_clear",
    ),
)
