"""What waits for somebody, where no card of its own says it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# By the kind of task (backoffice/overview/to_do). What is not here stands in lists of its own: requests, payments, proofs to check.
TASKS: dict[str, LazyString] = {
    "answer_move": _l("%(who)s proposes another time"),
    "answer_question": _l("%(who)s has asked you a question"),
    "prove_payment": _l("Your proof of payment was rejected. Please send something clearer."),
    "say_what_happened": _l("Say what happened at your session with %(who)s"),
    "sign_forms": _l("Sign the forms for your session with %(who)s"),
}
