"""Receipts for what was paid and kept, credit notes for what of it went back: numbered without gaps, never rewritten.

Every movement in the books that calls for a document has it in the same commit (report S2-19, S2-26).
"""

from app.services.ledger.receipts.issuance import LATELY, catch_up, on
from app.services.ledger.receipts.receipt_queries import PAGE, Page, find, get, of_booking, of_checkout
from app.services.ledger.receipts.taxes import WORD_LIMIT, check_words, included, of_practitioner, parse_rate, save_tax

__all__ = [
    "LATELY",
    "PAGE",
    "WORD_LIMIT",
    "Page",
    "catch_up",
    "check_words",
    "find",
    "get",
    "included",
    "of_booking",
    "of_checkout",
    "of_practitioner",
    "on",
    "parse_rate",
    "save_tax",
]
