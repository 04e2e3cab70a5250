"""The bugs, each one line of the code made wrong, with the tests that must notice; by kind."""

from mutants.mutant import Mutant
from mutants.planted import (
    access,
    belief,
    books,
    disputes,
    door,
    edited,
    endings,
    locks,
    mails,
    quotas,
    repeats,
    rounding,
    sealing,
    settings,
    silence,
    terms,
    times,
    translation,
    truth,
    zones,
)

KINDS: dict[str, tuple[Mutant, ...]] = {
    "locks": locks.MUTANTS,
    "belief": belief.MUTANTS,
    "silence": silence.MUTANTS,
    "endings": endings.MUTANTS,
    "books": books.MUTANTS,
    "disputes": disputes.MUTANTS,
    "terms": terms.MUTANTS,
    "access": access.MUTANTS,
    "rounding": rounding.MUTANTS,
    "zones": zones.MUTANTS,
    "times": times.MUTANTS,
    "sealing": sealing.MUTANTS,
    "settings": settings.MUTANTS,
    "repeats": repeats.MUTANTS,
    "edited": edited.MUTANTS,
    "translation": translation.MUTANTS,
    "mails": mails.MUTANTS,
    "truth": truth.MUTANTS,
    "quotas": quotas.MUTANTS,
    "door": door.MUTANTS,
}
MUTANTS = tuple(mutant for kind in KINDS.values() for mutant in kind)
