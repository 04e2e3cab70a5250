"""What stands in the way, in a sentence that says what to do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.access import ABOUT_FIELDS, ACCESS_PROBLEMS
from app.words.money import STATEMENT_PROBLEMS
from app.words.people import FILE_PROBLEMS
from app.words.sessions import BEHIND, TIME_PROBLEMS

# What a Problem's code says to a person; %(name)s comes from the problem's values.
PROBLEMS: dict[str, LazyString] = {
    "not_found": _l("We could not find that. It may have moved, or it belongs to somebody else."),
    **ACCESS_PROBLEMS,
    "statement_too_long": _l(
        "A month with more than %(most)s lines is too long for a PDF. Please download it as a table."
    ),
    "not_allowed": _l("That is not possible any more: things have changed since this page was opened."),
    "session_over": _l("The time for that is over: the session has ended."),
    "both_were_there": _l("Both of you were in the call, so nobody was absent."),
    "too_early": _l("It is too early for that."),
    "call_not_started": _l("The call has not begun yet."),
    "meeting_in_person": _l("You meet in person, so there is no link and no call."),
    "meeting_unknown": _l("Please choose how you meet."),
    "link_missing": _l("Please give the link."),
    "link_scheme": _l("Please give a link that begins with https://, for example https://meet.example.com/room."),
    "link_secret": _l("Please give a link without a name or password before the address."),
    "link_invalid": _l("This link does not look right. Please copy it whole from where you meet."),
    "place_missing": _l("Please say where you meet."),
    "place_invalid": _l("Please write the place in plain letters."),
    "not_available_now": _l("Nobody is free at this moment. Please choose one of the times."),
    "already_paid": _l("Your payment has just arrived, so the booking is confirmed. You can still cancel it."),
    "clients_only": _l("Only client accounts can book. Please log in as a client."),
    "slot_taken": _l("Somebody else has just taken this time. Please choose another."),
    "slot_past": _l("This time has passed. Please choose a later one."),
    "slot_not_offered": _l("This time is not offered. Please choose one from the list."),
    "too_soon": _l("It is too late to book this time. Please choose a later one."),
    "too_far_ahead": _l("This time is too far ahead. Please choose an earlier one."),
    "day_full": _l("Nothing more can be booked on this day. Please choose another day."),
    "week_full": _l("Nothing more can be booked in this week. Please choose another week."),
    "range_reversed": _l("The end must not be before the beginning."),
    "range_too_long": _l("Please ask for at most %(days)s days."),
    "date_invalid": _l("Please give a date like 2026-11-21."),
    "places_out_of_range": _l("Please choose between 1 and %(most)s places."),
    "too_long": _l("That is too long: at most %(most)s characters."),
    "too_many": _l("That is too many: at most %(most)s."),
    "out_of_range": _l("Please give a number from %(least)s to %(most)s."),
    "no_method": _l("There is no way to pay in %(currency)s here yet."),
    "reason_missing": _l("Please give a reason: the other side will read it."),
    "unknown_tab": _l("There is no such list."),
    "unknown_gateway": _l("This way to pay cannot be used here. Please choose another."),
    "phone_invalid": _l("This phone number does not look right. Please check it, for example 0712 345 678."),
    "phone_missing": _l("Please give your phone number first."),
    "phone_proved": _l("This number is proved already."),
    "phone_not_texted": _l("We send no SMS to this number. Everything reaches you by mail."),
    "checkout_closed": _l("This can no longer be paid."),
    "under_review": _l(
        "We received a payment that does not match. A person is looking at it: please do not pay again."
    ),
    "attempt_unresolved": _l(
        "Your last payment is still being checked. Please wait a moment: paying again now could charge you twice."
    ),
    "payment_refused": _l("This way to pay did not start and nothing was charged. Please try again or choose another."),
    "why_needed": _l("Please give a reason: it stays in the trail."),
    "practice_closed": _l("This practitioner gives no sessions at present."),
    "name_invalid": _l("Please give a name of at most 120 characters."),
    "language_unknown": _l("Please choose one of the languages."),
    "zone_unknown": _l("Please choose a time zone from the list."),
    "link_expired": _l("This link has expired or was used already. Please ask for a new one."),
    "hours_reversed": _l("The end must be after the beginning."),
    "hours_overlap": _l("Two of the times overlap."),
    "hours_incomplete": _l("Please give both times."),
    "own_hours_outside": _l("You are not open then, so nobody could book it. Your opening hours are under Schedule."),
    "lead_beyond_horizon": _l("Nobody could ever book it: this is longer than how far ahead it can be booked."),
    "day_ahead": _l("This day is still to come."),
    "dispute_answered": _l("The bank has been answered, or has decided: nothing can be added or taken back any more."),
    "day_past": _l("This day has passed."),
    **TIME_PROBLEMS,
    "title_invalid": _l("Please give a title of at most 120 characters."),
    "kind_unknown": _l("Please choose one of the kinds."),
    "individual_has_one_place": _l("A session for one person has one place."),
    "mode_unknown": _l("Please choose one of the ways to book."),
    "cannot_be_reserved": _l(
        "No way to pay in %(currency)s can reserve an amount first. Please choose another way to book, or another currency."
    ),
    "refund_withheld": _l("The payer's bank challenges this payment: nothing is sent until it has decided."),
    "second_person_needed": _l("A second person of staff must agree."),
    "waiver_too_early": _l("You are the only one of staff: you can confirm it a day after you said it."),
    "credit_held": _l("Credit is held while a bank looks at the payment it came from. Please pay another way."),
    "credit_not_payable": _l("Credit that was bought is not paid out: it goes back to where it was paid from."),
    "payout_too_large": _l(
        "At most %(most)s can be paid out. Credit that was bought goes back to where it was paid from."
    ),
    "insufficient_balance": _l("There is not enough in your wallet. Top it up, or pay another way."),
    "balance_due": _l("Please pay for your last session first; then you can book the next."),
    "not_taking_bookings": _l("This practitioner is not taking bookings from you."),
    "first_time_one": _l(
        "One session at a time for who comes for the first time: please ask for the next once this one has been and is paid."
    ),
    "first_time_unknown": _l("Please choose what is asked of who comes for the first time."),
    "too_many_open": _l(
        "%(most)s of your bookings are open, and that is as many as can be. Please pay for one of them or cancel it first: "
        "they are in My bookings."
    ),
    "too_many_unanswered": _l(
        "%(most)s of your requests wait for this practitioner's answer. Please wait for it, or cancel one of them."
    ),
    "too_many_unpaid": _l(
        "You have %(most)s sessions here that you pay for afterwards. Once one of them has been and is paid, you can book "
        "the next."
    ),
    "let_go_too_often": _l(
        "You have had this time %(most)s times without paying for it, so it is kept free for others now. Please choose "
        "another one, or try again in %(minutes)s min."
    ),
    "withdrawn_too_often": _l(
        "You have asked this practitioner for a session and let it go %(most)s times. Please try again in %(minutes)s min."
    ),
    "too_many_waits": _l("You wait for %(most)s times already. Please stop waiting for one of them first."),
    "too_many_questions": _l(
        "%(most)s of your questions wait to be paid. Please pay for one of them first, or let them lapse."
    ),
    "too_many_proposals": _l(
        "Another time was proposed %(most)s times for this session. Please agree on one with each other first, or propose "
        "it tomorrow."
    ),
    "too_many_messages": _l("You have written very many messages. Please go on in %(minutes)s min."),
    "too_many_payments": _l("You have begun very many payments. Please wait %(minutes)s min and try again."),
    "too_many_prompts": _l(
        "The phone has been asked several times just now. Please wait %(minutes)s min and try again, or pay another way."
    ),
    "too_many_proofs": _l("You have sent very many proofs today. Somebody will look at them; please wait for that."),
    "too_many_receipts": _l(
        "You have sent very many codes. Please check the message on your phone, and try again in %(minutes)s min."
    ),
    "receipt_invalid": _l(
        "This is not an M-Pesa code: it has ten letters and digits, such as QK12AB34CD, and stands first in the message."
    ),
    "receipt_not_expected": _l("No M-Pesa payment was begun here, so there is nothing this code could be of."),
    "receipt_known": _l("We have this payment already. You need not do anything."),
    "too_many_attendees": _l("At most %(most)s people can come to this."),
    "place_free": _l("There is a free place at this time: you can book it now."),
    "terms_changed": _l(
        "The price or the terms have changed since you opened this page. Please read them again; nothing was booked."
    ),
    "already_asked": _l(
        "You have already asked for this time, for another number of places. Cancel that request first: it is in My bookings."
    ),
    "waiting_not_offered": _l("There is no waiting list for this service."),
    "feed_bad_address": _l("Please give the whole address of the calendar, beginning with https://."),
    "feed_internal_address": _l("This address is inside a private network and is not read."),
    "too_many_feeds": _l("At most %(most)s other calendars can be read."),
    "nothing_proposed": _l("There is no proposal to answer any more: things have changed since this page was opened."),
    "same_time": _l("The session is at this time already. Please choose another."),
    "whole_minutes": _l("Please give a time in whole minutes."),
    "minutes_invalid": _l("Please give a length of %(least)s to %(most)s minutes, in steps of %(step)s."),
    "slot_missing": _l("Please choose a day and a time."),
    "payment_open": _l("A payment for this session is under way. Please try again when it has ended."),
    "nothing_owed": _l("Nothing is owed for this session."),
    "tier_invalid": _l(
        "Each step must be later than the one before and give back less: fewer hours, and 1 to 99 percent."
    ),
    "destination_missing": _l("Please say where the money should go, in at most %(most)s characters."),
    "evidence_missing": _l("Please say what you did and how it can be checked."),
    "offer_closed": _l("This can no longer be chosen: the money is already on its way."),
    "amount_too_large": _l("That is more than is left: at most %(most)s."),
    "credit_already": _l(
        "It would only become credit again. To send credit out of the wallet, the client asks for a payout."
    ),
    **STATEMENT_PROBLEMS,
    **FILE_PROBLEMS,
    "proof_waiting": _l("We have your proof already, and somebody will look at it. You need not send it again."),
    "proof_decided": _l("Somebody has decided about this proof already."),
    "verify_too_late": _l(
        "This session can no longer be had: the place is gone, or it is too late. Nothing was recorded: please hand the money back."
    ),
    "question_missing": _l("Please write your question."),
    "service_missing": _l("Please choose a service."),
    "gift_unknown": _l("We do not know this code. Please check it letter by letter."),
    "gift_used": _l("This code has been used already."),
    "gift_cancelled": _l("Who bought this gift has cancelled it, so its code is worth nothing any more."),
    "gift_held": _l("Our staff are looking at the payment for this gift. Please try again in a day or two."),
    "package_reserves": _l("Sessions of this service are reserved on a card first, so no package can pay for them."),
    "package_dearer": _l("A package may not cost more than its sessions one by one: at most %(most)s."),
    "no_package": _l("You have no package for this session. Nothing was charged."),
    "package_other": _l("This package is for other sessions. Nothing was charged."),
    "package_over": _l("This package is over: the session was asked for after its last day, or its money went back."),
    "package_used_up": _l("All sessions of this package are used. Nothing was charged; please pay another way."),
    "package_held": _l("Our staff are looking at the payment for this package, so it cannot be used just now."),
    "nothing_left": _l("Nothing is left of this package that could go back."),
    "question_not_taken": _l("No questions in writing are taken here just now. Nothing was charged."),
    "answer_missing": _l("Please write your answer."),
    "answer_too_late": _l("The time to answer is over: the question has ended, and the client's money goes back."),
    "text_missing": _l("Please write something, or choose a file."),
    "stars_invalid": _l("Please choose from one to five stars."),
    "tag_unknown": _l("Please choose from the words on the list."),
    "not_completed": _l("Only a session that took place can be rated."),
    "no_show_not_rated": _l(
        "Nobody came to this session, so it cannot be rated. You can leave a private note instead."
    ),
    "who_came_open": _l("Our staff are still looking at who came to this session. It can be rated after that."),
    "already_rated": _l("You have rated this session already. A rating cannot be changed."),
    "note_missing": _l("Please write your note."),
    "form_missing": _l("Not yet: the client must sign this first: %(forms)s."),
    "form_closed": _l("This booking has ended, so nothing can be signed for it any more."),
    "form_changed": _l("This form has changed since you opened it. Please read it again and sign it then."),
    "answer_unknown": _l("This form has no such question."),
    "answer_needed": _l("Please answer this."),
    "option_unknown": _l("Please choose one of the answers."),
    "answers_too_long": _l("All answers together are too long: at most %(most)s characters."),
    "agreement_missing": _l("Please tick this if you agree. Without it the form cannot be signed."),
    "signature_missing": _l("Please type your full name: it is your signature."),
    "sealed_away": _l(
        "This cannot be opened just now: the key that it was locked with is missing. Nothing is lost; please tell our staff."
    ),
    "service_unknown": _l("Please choose from your own services."),
    "due_unknown": _l("Please choose when it must be signed."),
    "agreement_empty": _l("Please write the text that clients agree to."),
    "questions_missing": _l("Please ask at least one question."),
    "label_missing": _l("Please write the question."),
    "options_count": _l("Please give %(least)s to %(most)s different answers, each on its own line."),
    "amount_not_taken": _l("No way to pay takes this amount in %(currency)s. Please try another one."),
    "price_has_risen": _l("This time costs more than you paid. Please choose another, or keep the money as credit."),
    "cannot_be_cancelled": _l("The session took place, so it stays to be paid."),
    "price_invalid": _l("Please give a price above zero and a currency code such as KES."),
    "cannot_be_paid_currency": _l("Nobody could pay for this: no way to pay takes %(currency)s."),
    "cannot_be_paid_too_small": _l("Nobody could pay for this: the price is below what any way to pay takes."),
    "cannot_be_paid_too_large": _l("Nobody could pay for this: the price is above what any way to pay takes."),
    "cannot_be_paid_not_whole": _l("Nobody could pay for this: M-Pesa takes whole shillings only."),
    "tax_name_missing": _l("Please say what the tax is called, for example VAT."),
    "tax_rate_invalid": _l("Please give a percentage from 0 to 50, such as 16 or 7.5."),
    "month_invalid": _l("Please give a month like 2026-11."),
    "idempotency_key_invalid": _l("An Idempotency-Key has 1 to 200 printable characters."),
    "idempotency_key_reused": _l("This Idempotency-Key was used for another request."),
    "request_in_progress": _l("The same request is still being worked on."),
    "busy": _l("Very many people are here just now. Please try again in a moment; nothing was changed."),
    "other_site": _l(
        "This form came from another site, so nothing was done. Please open the page here and send it again."
    ),
    "form_expired": _l("This form was open for too long. Please send it again: what you typed is still here."),
    "too_large": _l("That is too large to send."),
    "too_often": _l("That was too often. Please wait %(minutes)s min and try again."),
    "too_slow": _l("That took too long to arrive. Nothing was changed; please send it again."),
    "method_not_allowed": _l("This address does not take that."),
    "bad_request": _l("We could not read that."),
    "invalid": _l("Please check what was sent."),
    "internal": _l("Something went wrong on our side. Nothing was lost; please try again."),
    "forbidden": _l("You may not do that."),
    "amount_invalid": _l("Please give an amount above zero, such as 12.50."),
    "decision_missing": _l("Please choose what is to be done."),
    "why_missing": _l("Please say why: it stays in the payment's story."),
}

# Why a payment failed, in a sentence that says what to do (gateways/base.py FailureCode).
FAILURES: dict[str, LazyString] = {
    "declined": _l("The bank declined the payment. Nothing was charged. Try again, or use another card or way to pay."),
    "insufficient_funds": _l(
        "There was not enough money in the account, or the payment is above its limit. Nothing was charged."
    ),
    "cancelled_by_payer": _l("The payment was cancelled on the phone. Nothing was charged; you can try again."),
    "no_answer": _l("Nobody answered the request on the phone. Nothing was charged; you can try again."),
    "authentication_failed": _l("The PIN or code was not right. Nothing was charged; you can try again."),
    "invalid_account": _l("This number or account cannot be used to pay. Please check it."),
    "session_expired": _l("The payment page was closed without paying. Nothing was charged."),
    "processing_error": _l(
        "The payment could not be processed. Nothing was charged; please try again in a few minutes."
    ),
}

# A person's no to a proof counts as declined, but no bank has said so.
PROOF_REJECTED = _l("The proof of your payment was not accepted. You can send another one.")


def failure(code: str, vendor_code: str = "") -> str:
    """Why a try to pay failed; empty when it did not."""
    sentence = PROOF_REJECTED if vendor_code == "proof_rejected" else FAILURES.get(code, "")
    return str(sentence)


def problem(code: str, values: dict[str, object]) -> str:
    """The sentence for a problem's code, filled in, in the reader's language."""
    if code == "payment_refused" and str(values.get("reason")) in FAILURES:
        return str(FAILURES[str(values["reason"])])
    sentence = str(PROBLEMS.get(code, PROBLEMS["invalid"]))
    if code in BEHIND:
        name, rule = BEHIND[code]
        return f"{sentence} {rule(int(str(values[name])))}"
    return sentence % values if values and "%(" in sentence else sentence


def about_field(code: str, label: str, values: dict[str, object] | None = None) -> str:
    """The sentence for a problem's code as it stands beside the field of this label."""
    if label and code in ABOUT_FIELDS:
        return str(ABOUT_FIELDS[code]) % {**(values or {}), "field": label}
    return problem(code, values or {})
