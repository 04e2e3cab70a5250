"""The table of steps and faults, as data: which outcome is required where. A dot is a fault that cannot meet that step.

Outcomes: A nothing of the step persists, the same key tried again succeeds once · C the right result exactly once ·
D accepted, its effect delivered after recovery · U unresolved, same gateway key, settled within a minute of the
gateway's answer · 1 one effect, the other caller gets the same or 409 · W one winner, the loser is told before paying,
or X · X money back or credit, its row in the same commit, both told · L late: the place again if free, else X ·
N 2xx and no second effect · R refused, no state · Q kept, never confirmed, shown to staff · E the hold ends by the
clock · P the page says "processing" and asks again, no state.
"""

FAULTS = {
    "F01": "kill -9 of the web process",
    "F02": "database restarted, or failed over",
    "F03": "Redis down",
    "F04": "Redis flushed",
    "F05": "worker killed in the middle of a job",
    "F06": "gateway answers 5xx",
    "F07": "gateway does not answer",
    "F08": "gateway resets the connection",
    "F09": "gateway answers 429",
    "F10": "gateway answers 2xx of a wrong shape",
    "F11": "callback lost",
    "F12": "callback duplicated",
    "F13": "callbacks out of order",
    "F14": "callback after expiry",
    "F15": "callback after a cancel or a decline",
    "F16": "callback before the start is answered",
    "F17": "callback forged",
    "F18": "authentic, but another amount, currency or booking",
    "F19": "clock of the app differs from the database's",
    "F20": "browser closed",
    "F21": "double click",
    "F22": "two tabs",
    "F23": "two users, one slot",
    "F24": "practitioner declines while the client pays",
    "F25": "deploy or migration under way",
}

STEPS = {
    "S1": "request a booking",
    "S2": "approve or decline",
    "S3a": "commit the intent to pay",
    "S3b": "call the gateway to begin",
    "S3c": "keep the gateway's answer, send the client there",
    "S4": "client at the gateway",
    "S5": "back from the gateway",
    "S6": "receive, prove and store a callback",
    "S7": "apply it: confirm or fail",
    "S8": "tell people",
    "S9": "expiry and the sweep",
    "S10": "money back",
    "S11": "cancel after paying began",
}

# One letter per fault, F01 to F25.
# fmt: off
OUTCOMES = {
    "S1":  "A A D D · · · · · · · · · · · · · · C C 1 1 W · C",
    "S2":  "A A D D · · · · · · · · · · · · · · C C 1 1 W W C",
    "S3a": "A A D D · · · · · · · · · · · · · R C C 1 1 W W C",
    "S3b": "U U D D U U U U D U · · · · · C R R C C 1 1 W W U",
    "S3c": "U U D D · · · · · · · · · · · C · · C C 1 1 W W U",
    "S4":  "C C C C C E E E E E U N C L X C R R C U 1 1 X X C",
    "S5":  "C P C C C P P P P P C N C L X C R R C C N N X X P",
    "S6":  "A A C C C U U U U U U N C L X C R Q C C N N W X A",
    "S7":  "A A C C A · · · · · · N C L X C · Q C C N 1 X X A",
    "S8":  "D D D D D D D D D D · N · · · · · · C · N N C C D",
    "S9":  "C D C C C U U U U U C N C L X · · Q C E · · W W C",
    "S10": "U U D D U U U U D U U N C C C C R Q C C 1 1 · 1 U",
    "S11": "A A D D D U U U U U C N X X X X R Q C C 1 1 C W A",
}
# fmt: on


def outcomes() -> dict[str, str]:
    """The required letter by cell: {"S1-F01": "A", ...}; cells with a dot are left out."""
    table = {
        f"{step}-{fault}": letter
        for step, row in OUTCOMES.items()
        for fault, letter in zip(FAULTS, row.split(), strict=True)
    }
    return {cell: letter for cell, letter in table.items() if letter != "·"}


def applicable() -> set[str]:
    """The names of all cells that need a test."""
    return set(outcomes())
