"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file`, the one place that reads `before` reads `after`; `tests` must fail then: paths, on `engines`."""

    name: str
    file: str
    before: str
    after: str
    tests: str
    engines: str = "sqlite"
