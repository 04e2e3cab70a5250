"""What is wrong with a statement that staff took from a gateway's own site."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATEMENT_PROBLEMS: dict[str, LazyString] = {
    "statement_missing": _l("Please choose the statement that you downloaded."),
    "statement_size": _l(
        "This file is too large: at most %(most)s MB. Pack it as a ZIP, or take a shorter time for each statement."
    ),
    "statement_format": _l(
        "This is not an organisation statement of M-Pesa as CSV, with its heads, time and balances. "
        "Please give it as it came from the portal."
    ),
    "statement_account": _l("It is the statement of another shortcode."),
    "statement_other_account": _l(
        "It is the statement of another account. Please take that of the account that customers pay into: "
        "the utility account of a pay bill, the merchant account of a till."
    ),
    "statement_future": _l(
        "The time of the statement is not over yet. Please take one that ends before now, "
        "or what is still to come would seem to be missing."
    ),
    "statement_cut": _l("The file is not whole: its lines do not lead from its opening to its closing balance."),
    "statement_line_cut": _l("Line %(line)s: the file is cut off here, or columns are missing."),
    "statement_line": _l("Line %(line)s: “%(column)s” cannot be read."),
    "statement_outside": _l("Line %(line)s: this is not in the time that the statement says it is of."),
    "statement_balance": _l("Line %(line)s: its balance does not follow from the line beside it."),
}
