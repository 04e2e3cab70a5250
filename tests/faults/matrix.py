"""The table of steps and faults, as data: which outcome is required where. A fault that cannot meet a step is not named there."""

from enum import StrEnum


class Outcome(StrEnum):
    """What must have become of a step, whichever way the fault met it; tests name it in brackets after their cell."""

    UNDONE = "undone"  # nothing of the step persists; the same key tried again succeeds once
    RIGHT = "right"  # the right result exactly once, and no effect of the fault is seen
    DELAYED = "delayed"  # accepted; its effect is delivered after recovery
    UNRESOLVED = "unresolved"  # the same gateway key; settled within a minute of the gateway's answer
    ONCE = "once"  # one effect; the other caller gets the same or 409
    ONE_WINNER = "one winner"  # the loser is told before paying, or is given the money back
    GIVEN_BACK = "given back"  # as money or credit, its row in the same commit, both told
    LATE = "late"  # the place again if it is free, else given back
    NO_EFFECT = "no effect"  # 2xx, and nothing happens twice
    REFUSED = "refused"  # 4xx, no state, counted
    PUT_ASIDE = "put aside"  # kept, never confirmed, shown to staff
    LAPSES = "lapses"  # the hold ends by the clock
    PROCESSING = "processing"  # the page says so and asks again; no state


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

OUTCOMES: dict[str, dict[Outcome, str]] = {
    "S1": {
        Outcome.UNDONE: "F01 F02",
        Outcome.DELAYED: "F03 F04",
        Outcome.RIGHT: "F19 F20 F25",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F23",
    },
    "S2": {
        Outcome.UNDONE: "F01 F02",
        Outcome.DELAYED: "F03 F04",
        Outcome.RIGHT: "F19 F20 F25",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F23 F24",
    },
    "S3a": {
        Outcome.UNDONE: "F01 F02",
        Outcome.DELAYED: "F03 F04",
        Outcome.REFUSED: "F18",
        Outcome.RIGHT: "F19 F20 F25",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F23 F24",
    },
    "S3b": {
        Outcome.UNRESOLVED: "F01 F02 F05 F06 F07 F08 F10 F25",
        Outcome.DELAYED: "F03 F04 F09",
        Outcome.RIGHT: "F16 F19 F20",
        Outcome.REFUSED: "F17 F18",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F23 F24",
    },
    "S3c": {
        Outcome.UNRESOLVED: "F01 F02 F25",
        Outcome.DELAYED: "F03 F04",
        Outcome.RIGHT: "F16 F19 F20",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F23 F24",
    },
    "S4": {
        Outcome.RIGHT: "F01 F02 F03 F04 F05 F13 F16 F19 F25",
        Outcome.LAPSES: "F06 F07 F08 F09 F10",
        Outcome.UNRESOLVED: "F11 F20",
        Outcome.NO_EFFECT: "F12",
        Outcome.LATE: "F14",
        Outcome.GIVEN_BACK: "F15 F23 F24",
        Outcome.REFUSED: "F17 F18",
        Outcome.ONCE: "F21 F22",
    },
    "S5": {
        Outcome.RIGHT: "F01 F03 F04 F05 F11 F13 F16 F19 F20",
        Outcome.PROCESSING: "F02 F06 F07 F08 F09 F10 F25",
        Outcome.NO_EFFECT: "F12 F21 F22",
        Outcome.LATE: "F14",
        Outcome.GIVEN_BACK: "F15 F23 F24",
        Outcome.REFUSED: "F17 F18",
    },
    "S6": {
        Outcome.UNDONE: "F01 F02 F25",
        Outcome.RIGHT: "F03 F04 F05 F13 F16 F19 F20",
        Outcome.UNRESOLVED: "F06 F07 F08 F09 F10 F11",
        Outcome.NO_EFFECT: "F12 F21 F22",
        Outcome.LATE: "F14",
        Outcome.GIVEN_BACK: "F15 F24",
        Outcome.REFUSED: "F17",
        Outcome.PUT_ASIDE: "F18",
        Outcome.ONE_WINNER: "F23",
    },
    "S7": {
        Outcome.UNDONE: "F01 F02 F05 F25",
        Outcome.RIGHT: "F03 F04 F13 F16 F19 F20",
        Outcome.NO_EFFECT: "F12 F21",
        Outcome.LATE: "F14",
        Outcome.GIVEN_BACK: "F15 F23 F24",
        Outcome.PUT_ASIDE: "F18",
        Outcome.ONCE: "F22",
    },
    "S8": {
        Outcome.DELAYED: "F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F25",
        Outcome.NO_EFFECT: "F12 F21 F22",
        Outcome.RIGHT: "F19 F23 F24",
    },
    "S9": {
        Outcome.RIGHT: "F01 F03 F04 F05 F11 F13 F19 F25",
        Outcome.DELAYED: "F02",
        Outcome.UNRESOLVED: "F06 F07 F08 F09 F10",
        Outcome.NO_EFFECT: "F12",
        Outcome.LATE: "F14",
        Outcome.GIVEN_BACK: "F15",
        Outcome.PUT_ASIDE: "F18",
        Outcome.LAPSES: "F20",
        Outcome.ONE_WINNER: "F23 F24",
    },
    "S10": {
        Outcome.UNRESOLVED: "F01 F02 F05 F06 F07 F08 F10 F11 F25",
        Outcome.DELAYED: "F03 F04 F09",
        Outcome.NO_EFFECT: "F12",
        Outcome.RIGHT: "F13 F14 F15 F16 F19 F20",
        Outcome.REFUSED: "F17",
        Outcome.PUT_ASIDE: "F18",
        Outcome.ONCE: "F21 F22 F24",
    },
    "S11": {
        Outcome.UNDONE: "F01 F02 F25",
        Outcome.DELAYED: "F03 F04 F05",
        Outcome.UNRESOLVED: "F06 F07 F08 F09 F10",
        Outcome.RIGHT: "F11 F19 F20 F23",
        Outcome.NO_EFFECT: "F12",
        Outcome.GIVEN_BACK: "F13 F14 F15 F16",
        Outcome.REFUSED: "F17",
        Outcome.PUT_ASIDE: "F18",
        Outcome.ONCE: "F21 F22",
        Outcome.ONE_WINNER: "F24",
    },
}


def outcomes() -> dict[str, Outcome]:
    """The required outcome by cell: {"S1-F01": Outcome.UNDONE, ...}."""
    return {
        f"{step}-{fault}": outcome
        for step, row in OUTCOMES.items()
        for outcome, faults in row.items()
        for fault in faults.split()
    }
