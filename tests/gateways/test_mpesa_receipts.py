"""M-Pesa's receipts on the wire: Transaction Status, and who pays from the phone's own menu (C2B)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways.base import CallbackRejected, GatewayRefused, GatewayUnavailable, InboundCallback, NothingSent
from app.gateways.mpesa import MpesaGateway, MpesaSettings
from app.gateways.mpesa.mpesa_receipts import REFUSED_WORDS, read_receipt, read_reference
from app.gateways.receipts import MenuPayment, ReceiptAnswer, ReceiptDesk, ReceiptQuestion, ReceiptState, same_phone
from kikao.testing.wire import PATIENT, Answer, Vendor, vendor
from tests.gateways import test_mpesa
from tests.gateways.test_mpesa import ACCEPTED, TOKEN, TURNED_AWAY, error, token

STATUS = "POST /mpesa/transactionstatus/v1/query"
REGISTER = "POST /mpesa/c2b/v2/registerurl"
ASKED = ReceiptQuestion("QK12AB34CD", "https://kikao.example/callbacks/m/a", "https://kikao.example/callbacks/m/b")
PAID_URL, ASKED_URL = "https://kikao.example/callbacks/m/c", "https://kikao.example/callbacks/m/d"
FACTS: dict[str, Any] = {
    "DebitPartyName": "254708374149 - John Doe",
    "CreditPartyName": "174379 - Kikao Ltd",
    "TransactionStatus": "Completed",
    "FinalisedTime": 20261120123102,
    "Amount": "1500",
    "ReceiptNo": "QK12AB34CD",
}
TAKEN = datetime(2026, 11, 20, 9, 31, 2, tzinfo=UTC)
TOLD = ReceiptAnswer(
    "AG_1", ReceiptState.PAID, "Completed", "QK12AB34CD", Money(150_000, "KES"), True, "+254708374149", TAKEN
)


def _told(code: Any = 0, **changes: Any) -> InboundCallback:
    """A result as documented; a fact of None is left out."""
    items = [{"Key": key, "Value": value} for key, value in (FACTS | changes).items() if value is not None]
    result = {"ResultType": 0, "ResultCode": code, "ResultDesc": "About it.", "ConversationID": "AG_1"}
    result |= {"ResultParameters": {"ResultParameter": items}, "TransactionID": "0000000000"}
    return InboundCallback(json.dumps({"Result": result}).encode(), {}, "rc_1")


class TestMpesaReceipts:
    @pytest.fixture
    def there(self) -> Iterator[Vendor]:
        with vendor() as started:
            started.on(TOKEN, token())
            yield started

    def desk(self, there: Vendor, **changes: str) -> ReceiptDesk:
        environ = test_mpesa.TestMpesaContract.environ | {"MPESA_API_BASE": there.url} | changes
        found = MpesaGateway(MpesaSettings.from_environment(environ), timeout=PATIENT).receipts
        assert found is not None
        return found

    def test_the_question_goes_out_as_documented(self, there: Vendor) -> None:
        there.on(STATUS, Answer(ACCEPTED))
        assert self.desk(there).ask(ASKED) == "AG_1"
        [sent] = there.sent(STATUS)
        assert sent.json == {
            "Initiator": "kikaoapi",
            "SecurityCredential": "Zm9vYmFyQ3JlZGVudGlhbA",
            "CommandID": "TransactionStatusQuery",
            "TransactionID": "QK12AB34CD",
            "PartyA": "174379",
            "IdentifierType": "4",
            "ResultURL": ASKED.callback_url,
            "QueueTimeOutURL": ASKED.timeout_url,
            "Remarks": "Payment",
            "Occasion": "",
        }

    @pytest.mark.parametrize(
        "answer", [Answer(ACCEPTED | {"ResponseCode": "1"}), error("500.003.1001", "x"), Answer({})]
    )
    def test_a_question_that_was_not_taken_is_no_answer(self, there: Vendor, answer: Answer) -> None:
        there.on(STATUS, answer)
        with pytest.raises(GatewayUnavailable):
            self.desk(there).ask(ASKED)

    @pytest.mark.parametrize("answer", TURNED_AWAY)
    def test_a_question_that_was_turned_away_was_not_asked(self, there: Vendor, answer: Answer) -> None:
        there.on(STATUS, answer)
        with pytest.raises(NothingSent):
            self.desk(there).ask(ASKED)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, {}),
            ({"Amount": 1500.0}, {}),
            ({"FinalisedTime": "20261120123102"}, {}),
            ({"DebitPartyName": "2547 ***** 149 - J D"}, {"phone": "+2547*****149"}),
            ({"DebitPartyName": "25470****149 - J D"}, {"phone": "+25470****149"}),
            ({"DebitPartyName": "9c8f7e - hashed"}, {"phone": ""}),
            ({"CreditPartyName": "600100 - Another"}, {"to_us": False}),
            ({"CreditPartyName": None}, {"to_us": None}),
            (
                {"DebitPartyName": "174379 - Kikao", "CreditPartyName": "254708374149 - J D"},
                {"to_us": False, "phone": ""},
            ),
            ({"TransactionStatus": "Reversed"}, {"state": ReceiptState.NOT_PAID, "vendor_code": "Reversed"}),
            ({"TransactionStatus": "Declined"}, {"state": ReceiptState.NOT_PAID, "vendor_code": "Declined"}),
            ({"TransactionStatus": "Authorized"}, {"state": ReceiptState.PENDING, "vendor_code": "Authorized"}),
            ({"TransactionStatus": "Sleeping"}, {"state": ReceiptState.UNCLEAR, "vendor_code": "Sleeping"}),
            ({"TransactionStatus": None}, {"state": ReceiptState.UNCLEAR, "vendor_code": ""}),
            ({"FinalisedTime": "yesterday"}, {"taken_at": None}),
            ({"Amount": None}, {"money": None}),
        ],
    )
    def test_an_answer_says_what_was_paid_to_whom(
        self, there: Vendor, changes: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        assert vars(self.desk(there).read_answer(_told(**changes))) == vars(TOLD) | expected

    def test_a_till_is_ours_too(self, there: Vendor) -> None:
        desk = self.desk(there, MPESA_TILL="5551234")
        assert desk.read_answer(_told(CreditPartyName="5551234 - Kikao")).to_us is True
        assert desk.payee == "", "a till takes no account number"

    @pytest.mark.parametrize(
        ("code", "state"),
        [
            ("2032", ReceiptState.UNKNOWN),
            (26, ReceiptState.PENDING),
            ("2001", ReceiptState.NO_ACCESS),
            (8006, ReceiptState.NO_ACCESS),
            ("SFC_IC0003", ReceiptState.NO_ACCESS),
            (21, ReceiptState.UNCLEAR),
            ("R9", ReceiptState.UNCLEAR),
        ],
    )
    def test_only_the_code_says_why_there_is_no_answer(self, there: Vendor, code: Any, state: ReceiptState) -> None:
        assert self.desk(there).read_answer(_told(code)) == ReceiptAnswer("AG_1", state, str(code))

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"Result": 1}', b'{"Result": {"ResultCode": 0}}'])
    def test_what_is_no_answer_is_rejected(self, there: Vendor, body: bytes) -> None:
        with pytest.raises(CallbackRejected):
            self.desk(there).read_answer(InboundCallback(body, {}, "rc_1"))
        with pytest.raises(CallbackRejected):
            self.desk(there).read_menu_payment(InboundCallback(body, {}, "menu.paid"))

    def test_a_payment_from_the_menu_is_its_receipt_and_reference_and_nobodys_name(self, there: Vendor) -> None:
        said = {
            "TransID": "QK12AB34CD",
            "BillRefNumber": " kk22-3344 aabb",
            "MSISDN": "2547 ***** 126",
            "FirstName": "N",
        }
        told = self.desk(there).read_menu_payment(InboundCallback(json.dumps(said).encode(), {}, "menu.paid"))
        assert told == MenuPayment("QK12AB34CD", "KK223344AABB")

    def test_addresses_are_registered_for_what_is_completed_in_any_case(self, there: Vendor) -> None:
        there.on(REGISTER, Answer({"ResponseCode": "0", "OriginatorCoversationID": "1"}))
        self.desk(there).register(PAID_URL, ASKED_URL)
        assert there.sent(REGISTER)[0].json == {
            "ShortCode": "174379",
            "ResponseType": "Completed",
            "ConfirmationURL": PAID_URL,
            "ValidationURL": ASKED_URL,
        }

    @pytest.mark.parametrize("word", [*REFUSED_WORDS, "MPESA", "Exec"])
    def test_an_address_with_a_vendors_word_is_never_sent(self, there: Vendor, word: str) -> None:
        with pytest.raises(GatewayRefused, match=word.lower().removesuffix("c")):
            self.desk(there).register(f"https://{word}.example/callbacks/m/c", ASKED_URL)
        assert there.sent(REGISTER) == []

    def test_addresses_that_are_there_already_are_said_to_be(self, there: Vendor) -> None:
        there.on(REGISTER, error("500.003.1001", "Urls are already registered."))
        with pytest.raises(GatewayRefused, match="already registered"):
            self.desk(there).register(PAID_URL, ASKED_URL)
        there.on(REGISTER, error("500.003.1001", "Internal Server Error"))
        with pytest.raises(GatewayUnavailable):
            self.desk(there).register(PAID_URL, ASKED_URL)

    def test_without_an_initiator_nothing_is_asked_and_nothing_registered(self, there: Vendor) -> None:
        desk = self.desk(there, MPESA_INITIATOR="", MPESA_SECURITY_CREDENTIAL="")
        assert (desk.can_ask, desk.payee) == (False, "")
        with pytest.raises(GatewayRefused, match="MPESA_INITIATOR"):
            desk.register(PAID_URL, ASKED_URL)


@pytest.mark.parametrize(
    "typed",
    ["QK12AB34CD", " qk12 ab34 cd ", "QK12-AB34-CD", "QK12AB34CD Confirmed. Ksh1,500.00 paid to KIKAO LTD on 20/11/26"],
)
def test_a_receipt_is_read_as_people_type_it(typed: str) -> None:
    assert read_receipt(typed) == "QK12AB34CD"


@pytest.mark.parametrize(
    "typed", ["", "QK12", "QK12AB34CDE", "ABCDEFGHIJ", "0123456789", "no code in all of these words"]
)
def test_what_is_no_receipt_is_not_taken_for_one(typed: str) -> None:
    with pytest.raises(ValueError, match="no M-Pesa receipt"):
        read_receipt(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcd 2345 wxyz", "ABCD2345WXYZ"),
        ("ABCD-2345-WXUZ", "ABCD2345WXVZ"),
        ("ABC", ""),
        ("ABCD2345WXYZ9", ""),
        ("", ""),
    ],
)
def test_a_reference_is_read_as_people_type_it_and_no_letter_we_use_becomes_another(typed: str, read: str) -> None:
    assert read_reference(typed) == read


@pytest.mark.parametrize(
    ("told", "known", "same"),
    [
        ("+254708374149", "+254708374149", True),
        ("+254708374149", "+254708374148", False),
        ("+2547*****149", "+254708374149", None),
        ("+2547*****149", "+254708374148", False),
        ("", "+254708374149", False),
        ("+254708374149", None, False),
        ("+2547", "+254708374149", False),
    ],
)
def test_a_number_with_hidden_digits_is_neither_the_same_nor_another(told: str, known: str | None, same: Any) -> None:
    assert same_phone(told, known) is same
