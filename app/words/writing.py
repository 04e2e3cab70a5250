"""Forms that are signed, and questions in writing."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# Forms that clients sign: what they are, by when they are needed, what a question takes for an answer.
PAPER_KINDS: dict[str, LazyString] = {
    "intake": _l("Questions to answer"),
    "agreement": _l("Text to agree to"),
}

PAPER_DUE: dict[str, LazyString] = {
    "approval": _l("Needed before the request can be approved"),
    "session": _l("Needed before the session"),
    "optional": _l("Optional, but welcome"),
}

ANSWER_KINDS: dict[str, LazyString] = {
    "text": _l("One line"),
    "long": _l("Several lines"),
    "choice": _l("Choice of answers"),
    "yes_no": _l("Yes or no"),
    "date": _l("A date"),
}

YES_NO: dict[str, LazyString] = {"yes": _l("Yes"), "no": _l("No")}

# A question in writing, by its status: the word on its badge, its colour and its picture.
QUESTIONS: dict[str, tuple[LazyString, str, str]] = {
    "open": (_l("Waiting for the answer"), "info", "hourglass"),
    "answered": (_l("Answered"), "ok", "check"),
    "closed": (_l("Closed"), "ok", "double-check"),
    "declined": (_l("Declined"), "bad", "x"),
    "expired": (_l("Not answered in time"), "bad", "clock"),
}

# A question in a sentence that says whose move it is, by the status and whether the reader is the client.
CONVERSATIONS: dict[tuple[str, bool], tuple[str, LazyString]] = {
    ("open", True): (
        "info",
        _l("%(name)s will answer by %(until)s. If not, you get your money back automatically."),
    ),
    ("open", False): (
        "warning",
        _l(
            "Please answer by %(until)s. After that, the question ends and the client automatically gets "
            "the money back."
        ),
    ),
    ("answered", True): ("info", _l("You can write to each other until %(until)s.")),
    ("answered", False): ("info", _l("You can write to each other until %(until)s.")),
    ("closed", True): ("info", _l("This conversation is closed. Your messages stay here.")),
    ("closed", False): ("info", _l("This conversation is closed. Your messages stay here.")),
    ("declined", True): ("info", _l("%(name)s has declined this question, so you will get your money back.")),
    ("declined", False): ("info", _l("You have declined this question. The client gets the money back.")),
    ("expired", True): ("info", _l("%(name)s did not answer in time, so you will get your money back.")),
    ("expired", False): ("info", _l("You did not answer in time, so the client gets the money back.")),
}


def conversation(status: str, is_client: bool, values: dict[str, str], *, has_end: bool) -> tuple[str, str] | None:
    """Return the kind and sentence of the notice over a conversation; None while it waits without a deadline."""
    if status == "open" and not has_end:
        return None
    kind, sentence = CONVERSATIONS[status, is_client]
    return kind, str(sentence) % values


def question_to(name: str) -> str:
    """What a question in writing is called on a bill, in the reader's language."""
    return str(_l("Question to %(name)s")) % {"name": name}
