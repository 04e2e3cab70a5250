"""How many there are at once."""

import pytest


@pytest.fixture
def many(all_rounds: bool) -> int:
    """As many threads as a normal run has time for; whole they are fifty."""
    return 50 if all_rounds else 8
