"""Every sentence that code chooses by a word: problems, failures, labels. One place to read, one place to translate."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What stands in the way of erasing an account (services/erasing).
OBSTACLES: dict[str, LazyString] = {
    "upcoming": _l("You have a session that is still to come. Please cancel it first, or wait until it is over."),
    "question": _l("A question you paid for is not answered yet."),
    "package": _l("There are sessions left in a package. Use them, or ask for their money back."),
    "gift": _l("A gift you bought is not redeemed yet. Wait until it is, or cancel it first."),
    "payment": _l("A payment is still being checked. This can take up to three days."),
    "refund": _l("Money is on its way back to you. Please wait until it has arrived."),
    "review": _l("A person is looking at one of your payments. Please wait for the result."),
    "debts": _l("You still owe something for a session. Please pay it first."),
    "credit": _l("There is credit in your wallet. Ask for it to be paid out first, or give it up below."),
}

# The parts of a person's export (services/exporting).
EXPORTED: dict[str, LazyString] = {
    "account": _l("Your account and what you chose"),
    "tokens": _l("Programs that are signed in for you"),
    "messages": _l("Messages to you"),
    "acts": _l("What you did, step by step"),
    "bookings": _l("Your bookings"),
    "moves": _l("Proposals to move a session"),
    "waits": _l("Times you waited for"),
    "forms": _l("Forms you signed"),
    "ratings": _l("Ratings you gave"),
    "notes": _l("Your notes on missed sessions"),
    "questions": _l("Questions you asked in writing"),
    "gifts": _l("Gifts you bought or redeemed"),
    "packages": _l("Packages you bought"),
    "receipts": _l("Your receipts"),
    "bills": _l("What was to be paid"),
    "debts": _l("What you owed"),
    "payments": _l("Payments you began"),
    "news": _l("What gateways told us of your payments"),
    "refunds": _l("Money that came back"),
    "disputes": _l("Payments your bank challenged"),
    "reviews": _l("Payments a person looked at"),
    "proofs": _l("Proofs of payment you sent"),
    "wallet": _l("Your wallet"),
    "payouts": _l("Credit you asked to be paid out"),
    "practice": _l("Your public profile"),
    "services": _l("Your services"),
    "hours": _l("Your opening hours"),
    "exceptions": _l("Your days off"),
    "own_forms": _l("Your forms"),
    "sessions": _l("Sessions you gave, with your notes"),
    "session_proofs": _l("Proofs of sessions you kept"),
    "received": _l("Ratings of you"),
    "answers": _l("Questions you answered"),
    "sold": _l("Packages you sold"),
    "calendars": _l("Other calendars of yours"),
    "earnings": _l("What you earned"),
}

# What a Problem's code says to a person; %(name)s comes from the problem's values.
PROBLEMS: dict[str, LazyString] = {
    "not_found": _l("We could not find that. It may have moved, or it belongs to somebody else."),
    "password_wrong": _l("This is not your password."),
    "erase_not_typed": _l("Please type your e-mail address as it stands here, so that nothing is erased by mistake."),
    "erase_not_alone": _l("This account can only be closed by whoever runs this site."),
    **{f"erase_{word}": sentence for word, sentence in OBSTACLES.items()},
    "statement_too_long": _l(
        "A month with more than %(most)s lines is too long for a PDF. Please download it as a table."
    ),
    "not_allowed": _l("That is not possible any more: things have changed since this page was opened."),
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
    "checkout_closed": _l("This can no longer be paid. Nothing was charged."),
    "under_review": _l(
        "We received a payment that does not match. A person is looking at it: please do not pay again."
    ),
    "attempt_unresolved": _l(
        "Your last payment is still being checked. Please wait a moment: paying again now could charge you twice."
    ),
    "payment_refused": _l("This way to pay did not start and nothing was charged. Please try again or choose another."),
    "login_refused": _l("E-mail and password do not match."),
    "login_needed": _l("Please log in first."),
    "registration_refused": _l(
        "We could not create an account with these details. If you already have one, log in or choose a new password."
    ),
    "email_invalid": _l("Please check the e-mail address."),
    "password_length": _l("Please use at least %(least)s characters."),
    "name_invalid": _l("Please give a name of at most 120 characters."),
    "language_unknown": _l("Please choose one of the languages."),
    "zone_unknown": _l("Please choose a time zone from the list."),
    "link_expired": _l("This link has expired or was used already. Please ask for a new one."),
    "hours_reversed": _l("The end must be after the beginning."),
    "hours_overlap": _l("Two of the times overlap."),
    "hours_incomplete": _l("Please give both times, or none to close the whole day."),
    "day_past": _l("This day has passed."),
    "title_invalid": _l("Please give a title of at most 120 characters."),
    "kind_unknown": _l("Please choose one of the kinds."),
    "individual_has_one_place": _l("A session for one person has one place."),
    "mode_unknown": _l("Please choose one of the ways to book."),
    "cannot_be_reserved": _l(
        "No way to pay in %(currency)s can reserve an amount first. Please choose another way to book, or another currency."
    ),
    "insufficient_balance": _l("There is not enough in your wallet. Top it up, or pay another way."),
    "balance_due": _l("Please pay for your last session first; then you can book the next."),
    "too_many_attendees": _l("At most %(most)s people can come to this."),
    "place_free": _l("There is a free place at this time: you can book it now."),
    "already_asked": _l(
        "You have already asked for this time, for another number of places. Cancel that request first: it is in My bookings."
    ),
    "waiting_not_offered": _l("There is no waiting list for this service."),
    "feed_bad_address": _l("Please give the whole address of the calendar, beginning with https://."),
    "feed_internal_address": _l("This address is inside a private network and is not read."),
    "too_many_feeds": _l("At most %(most)s other calendars can be read."),
    "nothing_proposed": _l("There is no proposal to answer any more: things have changed since this page was opened."),
    "same_time": _l("The session is at this time already. Please choose another."),
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
    "proof_missing": _l("Please choose the picture or PDF that shows your payment."),
    "proof_type": _l("Please send a whole picture (PNG, JPEG or WebP) or a PDF: this file is none, or was cut off."),
    "proof_size": _l("This file is too large: at most %(most)s MB. A photo of the screen or a screenshot is enough."),
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
    "package_over": _l("This package is over: its time has passed, or its money went back."),
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
    "amount_invalid": _l("Please give an amount above zero, for example 1,500."),
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
    "form_expired": _l("This form was open for too long. Please send it again: what you typed is still here."),
    "too_large": _l("That is too large to send."),
    "too_often": _l("That was too often. Please wait a minute and try again."),
    "method_not_allowed": _l("This address does not take that."),
    "bad_request": _l("We could not read that."),
    "invalid": _l("Please check what was sent."),
    "internal": _l("Something went wrong on our side. Nothing was lost; please try again."),
    "forbidden": _l("You may not do that."),
}

# Why a payment failed, in a sentence that says what to do (gateways/base.py FailureCode).
FAILURES: dict[str, LazyString] = {
    "declined": _l("The bank declined the payment. Nothing was charged. Try again, or use another card or way to pay."),
    "insufficient_funds": _l("There was not enough money in the account. Nothing was charged."),
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

STATUSES: dict[str, LazyString] = {
    "pending_approval": _l("Waiting for approval"),
    "awaiting_payment": _l("Payment pending"),
    "confirmed": _l("Confirmed"),
    "in_progress": _l("In progress"),
    "completed": _l("Completed"),
    "no_show": _l("No-show"),
    "declined": _l("Declined"),
    "cancelled": _l("Cancelled"),
    "expired": _l("Expired"),
    # checkouts, attempts, refunds and reviews, for the timeline
    "open": _l("Opened"),
    "paid": _l("Paid"),
    "created": _l("Begun"),
    "processing": _l("Under way"),
    "authorised": _l("Reserved"),
    "failed": _l("Failed"),
    "abandoned": _l("Not pursued"),
    "asked": _l("Asked for"),
    "sent": _l("Sent"),
    "done": _l("Done"),
    "waiting": _l("Waiting"),
    "accepted": _l("Accepted"),
    "rejected": _l("Rejected"),
    "answered": _l("Answered"),
    "closed": _l("Closed"),
}

MONEY: dict[str, LazyString] = {
    "none": _l("Not paid"),
    "processing": _l("Checking payment"),
    "authorised": _l("Reserved on the card"),
    "paid": _l("Paid"),
    "refund_pending": _l("Refund on its way"),
    "refunded": _l("Refunded"),
    "partly_refunded": _l("Partly refunded"),
    "needs_review": _l("Being looked at"),
    # finer words, for people only (bookings.money_shown)
    "due": _l("To be paid"),
    "refund_offered": _l("Waits for a choice"),
    "refund_failed": _l("Refund delayed"),
    "credited": _l("Given as credit"),
    "session_back": _l("Back in the package"),
}

SUBJECTS: dict[str, LazyString] = {
    "booking": _l("Booking"),
    "checkout": _l("Bill"),
    "attempt": _l("Payment"),
    "refund": _l("Refund"),
    "review": _l("Check by staff"),
    "proof": _l("Proof of payment"),
}

ACTORS: dict[str, LazyString] = {
    "client": _l("client"),
    "practitioner": _l("practitioner"),
    "staff": _l("staff"),
    "gateway": _l("payment provider"),
    "clock": _l("deadline"),
}

KINDS: dict[str, LazyString] = {
    "individual": _l("One person"),
    "couples": _l("Couples"),
    "family": _l("Family"),
    "group": _l("Group"),
}

MODES: dict[str, LazyString] = {
    "hold_then_pay": _l("Keep the place for some minutes, confirm when paid"),
    "pay_then_book": _l("Book only once paid; nothing is kept before"),
    "approve_then_pay": _l("I approve first, then the client pays"),
    "authorise_then_approve": _l("Reserve on the card, charge when I approve"),
    "pay_after": _l("The client pays after the session"),
}

TABS: dict[str, LazyString] = {
    "waiting": _l("To do"),
    "upcoming": _l("Upcoming"),
    "past": _l("Past"),
    "cancelled": _l("Cancelled"),
}

# How far money is on its way back, by the refund's status: a failed one is never called on its way.
REFUND_STATES: dict[str, LazyString] = {
    "asked": _l("On its way"),
    "sent": _l("On its way"),
    "done": _l("Sent back"),
    "failed": _l("It did not go back by itself; our staff send it to you by hand."),
    # finer than the status (refunds.word_of)
    "offered": _l("Waits for your choice"),
    "credited": _l("In your wallet"),
    "by_hand": _l("Sent to you by our staff"),
    "session_back": _l("Back in your package"),
}

REFUND_REASONS: dict[str, LazyString] = {
    "too_late": _l("the payment came after the place was gone"),
    "second_charge": _l("it was paid twice"),
    "cancelled": _l("the booking was cancelled"),
    "declined": _l("the request was declined"),
    "no_show": _l("the session was not kept"),
    "moved": _l("the session was moved and costs less"),
    "not_asked": _l("your question was given up, or is no longer taken"),
    "question_declined": _l("your question was declined"),
    "question_unanswered": _l("your question was not answered in time"),
    "review": _l("our staff looked at it and decided so"),
    "overpaid": _l("it was more than the price"),
    "not_bought": _l("it was given up, or is not sold any more"),
    "not_owed": _l("it was not owed any more"),
    "gift_cancelled": _l("the gift was cancelled"),
    "package_ended": _l("the package was ended"),
}


# A mode in the client's words; %(minutes)s, %(hours)s come from the service.
HOW_BOOKED: dict[str, LazyString] = {
    "hold_then_pay": _l("Your place is kept for %(minutes)s minutes while you pay."),
    "pay_then_book": _l("You pay first. The place is yours once the payment is in; nothing is kept before that."),
    "approve_then_pay": _l(
        "You send a request. The answer comes within %(hours)s hours, and you pay only after a yes."
    ),
    "authorise_then_approve": _l("The amount is reserved on your card and charged only after a yes."),
    "pay_after": _l("You pay after the session."),
}

# Ways to pay, by the label their adapter gives; a name that is not here is shown as it is.
METHODS: dict[str, LazyString] = {
    "Card": _l("Card"),
    "UPI": _l("UPI"),
    "M-Pesa": _l("M-Pesa"),
    "Bank or cash": _l("Bank or cash"),
}
METHODS["package"] = METHODS["Package"] = _l("Package")
METHODS["wallet"] = METHODS["Wallet"] = _l("Wallet")  # no gateway: its code is its label

# A booking's timeline for those who take part: (subject, new status) to a sentence and a colour. What is not here
# (steps nobody needs to follow) is left out.
STORY: dict[tuple[str, str], tuple[LazyString, str]] = {
    ("booking", "pending_approval"): (_l("Request sent"), "info"),
    ("booking", "awaiting_payment"): (_l("Waiting for payment"), "warn"),
    ("booking", "approved"): (_l("Request approved, to be paid"), "ok"),  # awaiting payment, on the practitioner's word
    ("booking", "confirmed"): (_l("Booking confirmed"), "ok"),
    ("booking", "in_progress"): (_l("Session started"), "ok"),
    ("call", "started"): (_l("Call started"), ""),
    ("call", "ended"): (_l("Call ended"), ""),
    ("booking", "completed"): (_l("Session completed"), "ok"),
    ("booking", "no_show"): (_l("Client did not come"), "bad"),
    ("booking", "declined"): (_l("Request declined"), "bad"),
    ("booking", "cancelled"): (_l("Booking cancelled"), "bad"),
    ("booking", "expired"): (_l("Time ran out: the place is free again"), "bad"),
    ("attempt", "created"): (_l("Payment begun"), ""),
    ("attempt", "authorised"): (_l("Amount reserved"), "info"),
    ("attempt", "paid"): (_l("Payment received"), "ok"),
    ("attempt", "failed"): (_l("Payment did not go through"), "warn"),
    ("attempt", "abandoned"): (_l("Payment not pursued"), ""),
    ("refund", "asked"): (_l("Money is to go back"), "warn"),
    ("refund", "credited"): (_l("Money put into the wallet"), "ok"),
    ("refund", "done"): (_l("Money sent back"), "ok"),
    ("refund", "failed"): (_l("The payment company did not send the money back"), "bad"),
    ("proof", "waiting"): (_l("Proof of payment sent"), "info"),
    ("proof", "accepted"): (_l("Payment verified by hand"), "ok"),
    ("proof", "rejected"): (_l("Proof of payment not accepted"), "warn"),
    ("reschedule", "open"): (_l("Another time proposed"), "info"),
    ("reschedule", "accepted"): (_l("Moved to another time"), "ok"),
    ("reschedule", "rejected"): (_l("Stays at its time"), ""),
    ("reschedule", "withdrawn"): (_l("Proposal taken back"), ""),
    ("reschedule", "expired"): (_l("Proposal not answered"), ""),
    ("paper", "signed"): (_l("Form signed"), "ok"),
    ("review", "open"): (_l("Our staff are looking at a payment"), "warn"),
}

# The steps whose reason was written for the other side: it stands in the timeline of all who take part.
TOLD_WHY = frozenset(
    {("booking", status) for status in ("declined", "cancelled", "no_show")}
    | {("reschedule", status) for status in ("open", "rejected", "withdrawn")}
    | {("proof", "rejected")}
)

# What comes back of a cancelled booking and how, by bookings.money_shown; for the mail.
COMES_BACK: dict[str, LazyString] = {
    "refund_pending": _l("It goes back to where it was paid from. You need not do anything; banks take some days."),
    "refund_failed": _l("Sending it did not go through yet. Our staff are on it; you need not do anything."),
    "refunded": _l("It was sent back to where it was paid from; your bank or phone may show it some days later."),
}

# A message in one sentence, for the list in the app; %(who)s is the other side, %(when)s the session's time.
NOTICES: dict[str, LazyString] = {
    "request_received": _l("%(who)s asks for a session on %(when)s."),
    "request_sent": _l("Your request to %(who)s for %(when)s was sent."),
    "request_approved": _l("%(who)s said yes to %(when)s. Please pay to keep the place."),
    "request_declined": _l("%(who)s cannot give the session on %(when)s."),
    "place_offered": _l("A place is free on %(when)s with %(who)s, and kept for you for a while."),
    "attendee_away": _l("%(name)s cannot come on %(when)s."),
    "attendee_comes": _l("%(name)s comes on %(when)s after all."),
    "reschedule_proposed": _l("%(who)s proposes to move the session of %(was)s to %(to)s."),
    "reschedule_rejected": _l("%(who)s keeps the session on %(when)s: %(to)s was not possible."),
    "reschedule_unanswered": _l("%(who)s has not answered about %(to)s: the session stays on %(when)s."),
    "booking_moved": _l("The session with %(who)s is moved from %(was)s to %(to)s."),
    "request_unanswered": _l("The request for %(when)s with %(who)s was not answered in time."),
    "booking_confirmed": _l("Your session with %(who)s on %(when)s is confirmed."),
    "booking_confirmed_practitioner": _l("The session with %(who)s on %(when)s is confirmed."),
    "booking_cancelled": _l("The session with %(who)s on %(when)s was cancelled."),
    "booking_expired": _l("The session with %(who)s on %(when)s was not paid in time, so the place is free again."),
    "payment_returned": _l("%(amount)s is on its way back to you."),
    "payment_returned_practitioner": _l("A payment of %(amount)s for your session came too late and goes back."),
    "refund_done": _l("%(amount)s was sent back to you."),
    "refund_failed": _l("A refund of %(amount)s could not be made. Payment %(reference)s."),
    "review_opened": _l("A payment must be looked at: %(reference)s."),
    "password_reset": _l("A link to choose a new password was sent to your e-mail address."),
    "registration_attempt": _l("Somebody tried to open an account with your e-mail address."),
    "question_received": _l("%(who)s asks you something in writing."),
    "question_sent": _l("Your question to %(who)s was sent."),
    "question_answered": _l("%(who)s has answered your question."),
    "question_message": _l("%(who)s has written to you."),
    "question_waits": _l("%(who)s still waits for your answer, until %(until)s."),
    "question_declined": _l("%(who)s does not answer your question. Your money comes back."),
    "question_unanswered": _l("%(who)s has not answered in time. Your money comes back."),
    "question_missed": _l("You did not answer %(who)s in time. The money goes back."),
    "prompt_unheard": _l("A request to pay was sent to a phone and never heard of again. Payment %(reference)s."),
    "payment_offer": _l("%(amount)s came too late for the time you wanted. Choose what happens with it by %(until)s."),
    "payment_credited": _l("%(amount)s is in your wallet: use it for another session, or ask us to pay it out."),
    "refund_credited": _l("%(amount)s could not be sent back by itself, so it is in your wallet."),
    "refund_delayed": _l("Sending %(amount)s back takes longer. Our staff are on it; you need not do anything."),
    "refund_silent": _l("The gateway does not say whether a refund of %(amount)s arrived. Payment %(reference)s."),
    "callbacks_silent": _l("Callbacks of %(gateway)s do not arrive: the last %(count)s payments came without one."),
    "audit_breach": _l("The books are not in order. The rule: %(sentence)s."),
    "payment_due": _l("Please pay %(amount)s for the session with %(who)s on %(when)s."),
    "fee_due": _l("Please pay %(amount)s for the session with %(who)s on %(when)s that was not kept."),
    "difference_due": _l("The session with %(who)s on %(when)s costs %(amount)s more now. Please pay it."),
    "debt_waived": _l("You need not pay %(amount)s for the session with %(who)s on %(when)s any more."),
    "due_paid": _l("The session with %(who)s on %(when)s is paid: %(amount)s."),
    "topped_up": _l("%(amount)s is in your wallet."),
    "gift_bought": _l("Your gift of %(amount)s is ready. Here is its code."),
    "gift_received": _l("A gift of %(amount)s is in your wallet."),
    "gift_redeemed": _l("Your gift of %(amount)s was redeemed."),
    "package_bought": _l("You have %(count)s sessions with %(who)s, paid for at once."),
    "package_sold": _l("%(who)s has bought %(count)s sessions at once: %(amount)s."),
    "package_expired": _l("The time of your package with %(who)s is over: the rest, %(amount)s, is in your wallet."),
    "session_returned": _l("A session worth %(amount)s is in your package again."),
    "reservation_lapsed": _l(
        "The amount reserved for the session with %(who)s on %(when)s was let go; nothing was charged."
    ),
    "reservation_released": _l(
        "Your payment for %(when)s came too late. It was only reserved and nothing was charged."
    ),
    "payout_done": _l("%(amount)s was paid out from your wallet: %(evidence)s"),
    "payout_refused": _l("%(amount)s could not be paid out and is in your wallet again: %(evidence)s"),
    "proof_received": _l("A proof of payment of %(amount)s from %(who)s waits for you."),
    "proof_waiting": _l("A proof of payment of %(amount)s from %(who)s still waits for you."),
    "proof_rejected": _l("Your proof of a payment of %(amount)s was not accepted: %(reason)s"),
    "forms_to_fill": _l("%(who)s asks you to sign a form before the session on %(when)s."),
    "form_signed": _l("%(who)s has signed a form for the session on %(when)s."),
    "rating_received": _l("%(who)s has rated the session on %(when)s."),
    "rating_answered": _l("%(who)s has answered your rating of the session on %(when)s."),
    "rating_hidden": _l("Our staff have hidden your rating of the session with %(who)s on %(when)s: %(reason)s"),
    "rating_shown": _l("Your rating of the session with %(who)s on %(when)s counts again."),
    "session_started": _l("Your session with %(who)s has started."),
    "session_completed": _l("Your session with %(who)s on %(when)s is completed."),
    "session_no_show": _l("The session with %(who)s on %(when)s was noted as missed."),
    "meeting_link_changed": _l("There is a new link for your session with %(who)s on %(when)s."),
    "payment_nudge": _l("%(amount)s for %(when)s is not paid yet. Your place is still kept."),
    "booking_expired_practitioner": _l("%(who)s did not pay for %(when)s in time, so the time is free again."),
    "session_reminder": _l("Your session with %(who)s is on %(when)s."),
    "session_soon": _l("Your session with %(who)s starts soon: %(when)s."),
    "account_erased": _l("Your account is erased."),
    "account_unused": _l(
        "You have not been here for a long time. Your account will be erased in thirty days unless you keep it."
    ),
}

# What a number of stars means; for those who cannot see how many are bright.
STARS: dict[int, LazyString] = {
    1: _l("1 star: poor"),
    2: _l("2 stars: not so good"),
    3: _l("3 stars: all right"),
    4: _l("4 stars: good"),
    5: _l("5 stars: very good"),
}

# What people may say of a session with one tap; the keys are stored (Rating.tags).
RATING_TAGS: dict[str, LazyString] = {
    "listens": _l("Listens well"),
    "clear": _l("Explains clearly"),
    "helpful": _l("It helped me"),
    "warm": _l("Warm and respectful"),
    "on_time": _l("On time"),
    "late": _l("Began late"),
    "hurried": _l("Felt hurried"),
    "connection": _l("Trouble with the connection"),
}

# How people meet, by the service's kind of meeting: in the practitioner's form, and in a word for everybody.
MEETINGS: dict[str, LazyString] = {
    "generated": _l("Online, in a new room for every session"),
    "fixed": _l("Online, always by the same link of mine"),
    "typed": _l("Online, by a link I give for each session"),
    "in_person": _l("In person"),
}


# Forms that clients sign: what they are, by when they are needed, what a question takes for an answer.
PAPER_KINDS: dict[str, LazyString] = {
    "intake": _l("Questions to answer"),
    "agreement": _l("Text to agree to"),
}
PAPER_DUE: dict[str, LazyString] = {
    "approval": _l("Needed before the request can be approved"),
    "session": _l("Needed before the session"),
    "optional": _l("Not needed, but welcome"),
}
ANSWER_KINDS: dict[str, LazyString] = {
    "text": _l("One line"),
    "long": _l("Several lines"),
    "choice": _l("One of several answers"),
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
# The same in a sentence that says whose move it is, by the status and whether the reader is the client.
CONVERSATIONS: dict[tuple[str, bool], tuple[str, LazyString]] = {
    ("open", True): (
        "info",
        _l("%(name)s will answer by %(until)s. If not, your money comes back by itself."),
    ),
    ("open", False): (
        "warning",
        _l("Please answer by %(until)s. After that the question ends and the client's money goes back by itself."),
    ),
    ("answered", True): ("info", _l("You can write to each other until %(until)s.")),
    ("answered", False): ("info", _l("You can write to each other until %(until)s.")),
    ("closed", True): ("info", _l("This conversation is closed. What was written stays here.")),
    ("closed", False): ("info", _l("This conversation is closed. What was written stays here.")),
    ("declined", True): ("info", _l("%(name)s does not answer this question, so your money comes back.")),
    ("declined", False): ("info", _l("You have declined this question. The client's money goes back.")),
    ("expired", True): ("info", _l("%(name)s has not answered in time, so your money comes back.")),
    ("expired", False): ("info", _l("You did not answer in time, so the client's money goes back.")),
}


def conversation(status: str, is_client: bool, values: dict[str, str], *, has_end: bool) -> tuple[str, str] | None:
    """The notice over a conversation: its kind and sentence; nothing for one that waits without a deadline."""
    if status == "open" and not has_end:
        return None
    kind, sentence = CONVERSATIONS[status, is_client]
    return kind, str(sentence) % values


# What became of a gift and of a package (packages.Held.state), and the colour of it.
GIFTS: dict[str, tuple[LazyString, str, str]] = {
    "open": (_l("Not redeemed yet"), "info", "hourglass"),
    "redeemed": (_l("Redeemed"), "ok", "check"),
    "cancelled": (_l("Cancelled"), "", "stop"),
}
PACKAGES: dict[str, tuple[LazyString, str, str]] = {
    "open": (_l("Can be used"), "ok", "check"),
    "used_up": (_l("All used"), "", "double-check"),
    "expired": (_l("Its time is over"), "", "clock"),
    "ended": (_l("Ended: its money went back"), "", "back"),
}


def gift_title() -> str:
    """What a gift is called on a bill, in the reader's language."""
    return str(_l("Gift code"))


def package_title(sessions: int, title: str) -> str:
    """What a package is called on a bill, in the reader's language."""
    return f"{sessions} × {title}"


# What was paid for, by the checkout's kind, on receipts and statements: words that anybody may read.
PAID_FOR: dict[str, LazyString] = {
    "booking": _l("Session"),
    "draft_booking": _l("Session"),
    "due": _l("Session"),
    "fee": _l("Session that was not kept"),
    "difference": _l("Session that was moved: the difference"),
    "consultation": _l("Question in writing"),
    "top_up": _l("Credit for the wallet"),
    "gift": _l("Gift"),
    "package": _l("Several sessions"),
}


def paid_for(kind: str) -> str:
    """What was paid for, in the reader's language."""
    return str(PAID_FOR.get(kind) or _l("Payment"))


def question_to(name: str) -> str:
    """What a question in writing is called on a bill, in the reader's language."""
    return str(_l("Question to %(name)s")) % {"name": name}


def notice(kind: str, values: dict[str, object]) -> str:
    """The sentence for a message of `kind`, filled in, in the reader's language."""
    sentence = NOTICES.get(kind)
    return str(sentence) % values if sentence else ""


# Instead of "is completed", for who may still rate the session.
RATE_NOW = _l("How was your session with %(who)s on %(when)s? You can rate it now.")


def refund_reason(reason: str) -> str:
    """Why money goes back, as the end of a sentence; `reason` is the refund's own word."""
    return str(REFUND_REASONS.get(reason.partition(":")[0]) or _l("our staff decided so"))


def how_booked(mode_code: str, *, minutes: int, hours: int) -> str:
    """How a service of this mode is booked, in the client's words."""
    return str(HOW_BOOKED[mode_code]) % {"minutes": minutes, "hours": hours}


# Why something is owed, by the kind of the debt.
OWED: dict[str, LazyString] = {
    "due": _l("The session with %(name)s took place and is to be paid."),
    "fee": _l("The session with %(name)s was not kept; by the terms you booked with this is to be paid."),
    "difference": _l("The session with %(name)s was moved and costs more now."),
}


def owed(kind: str, name: str) -> str:
    """Why something is owed to whom."""
    return str(OWED[kind]) % {"name": name}


def failure(code: str, vendor_code: str = "") -> str:
    """Why a try to pay failed; empty when it did not."""
    sentence = PROOF_REJECTED if vendor_code == "proof_rejected" else FAILURES.get(code, "")
    return str(sentence)


def method(label: str) -> str:
    """The way to pay, in the reader's language."""
    return str(METHODS.get(label, label))


def problem(code: str, values: dict[str, object]) -> str:
    """The sentence for a problem's code, filled in, in the reader's language."""
    if code == "payment_refused" and str(values.get("reason")) in FAILURES:
        return str(FAILURES[str(values["reason"])])
    sentence = str(PROBLEMS.get(code, PROBLEMS["invalid"]))
    return sentence % values if values and "%(" in sentence else sentence


# ------------------------------------------------------------------------------------------------ for staff

PROBLEMS.update(
    {
        "amount_invalid": _l("Please give an amount above zero, such as 12.50."),
        "decision_missing": _l("Please choose what is to be done."),
        "why_missing": _l("Please say why: it stays in the payment's story."),
    }
)

# Ways to pay that have no vendor, by their code.
OWN_METHODS: dict[str, LazyString] = {"wallet": _l("Wallet"), "package": _l("Package")}

# What staff may decide about money that waits for it (repair.decisions_for): the word, and what it brings about.
DECISIONS: dict[str, tuple[LazyString, LazyString]] = {
    "in_full": (
        _l("The full price came"),
        _l("You found it on the gateway's own statement: the news was wrong. It pays for what it was meant for."),
    ),
    "accept": (
        _l("Accept it"),
        _l(
            "It pays for what it was meant for; what is above the price goes back. If the place is gone, all goes back."
        ),
    ),
    "refund": (
        _l("Send it back"),
        _l("All of it goes back to where it was paid from; where the gateway cannot do that, it becomes credit."),
    ),
    "credit": (_l("Give it as credit"), _l("All of it goes into the client's wallet, at once.")),
    "write_off": (
        _l("Write it off"),
        _l("It stays with us and belongs to nobody. For money that is not the client's."),
    ),
    "close": (_l("Close it"), _l("No money waits for this: you have looked at it, and that is all.")),
}
RESOLVED: dict[str, LazyString] = {
    "in_full": _l("The full price came: it has paid for what it was meant for."),
    "accept": _l("Accepted: the money has paid for what it was meant for."),
    "too_late": _l("Accepted, but what it was meant for cannot be had any more: the refund says where the money goes."),
    "refund": _l("The money is on its way back, and the client is told."),
    "credit": _l("The money is in the client's wallet, and the client is told."),
    "write_off": _l("The money is written off."),
    "close": _l("Closed. No money was moved."),
}
REVIEW_REASONS: dict[str, LazyString] = {
    "amount": _l("Another amount than was asked for"),
    "phone": _l("Another phone than was asked"),
    "second_charge": _l("Another receipt for a payment that has one"),
    "reference": _l("The gateway names another payment"),
    "contradiction": _l("The gateway contradicts itself"),
    "disputed": _l("The payer's bank challenges the charge"),
    "refund_twice": _l("Given back twice"),
    "refund_amount": _l("Another amount went back than was asked for"),
    "refund_beyond": _l("More went back at the gateway than was left of the payment"),
    "dispute_lost": _l("The payer's bank took the money back"),
}

# What staff may do about a refund (repair.remedies_for), and what has happened then.
REMEDIES: dict[str, tuple[LazyString, LazyString]] = {
    "retry": (_l("Try again"), _l("The gateway is asked for the refund again.")),
    "chase": (_l("Ask the gateway now"), _l("The gateway was asked about the refund.")),
    "credit": (_l("Give as wallet credit"), _l("The money is in the client's wallet, and the client is told.")),
    "by_hand": (_l("I sent it by hand"), _l("Noted: you sent the money by hand. The refund is done.")),
}
# Why money goes back, for staff; what comes after a colon in the code is only a number.
BACK: dict[str, LazyString] = {
    **REFUND_REASONS,
    "staff": _l("staff sent it back"),
    "review": _l("staff decided so in a review"),
    "overpaid": _l("it was above the price"),
    "at_gateway": _l("sent back at the gateway's own site"),
}
MEANS: dict[str, LazyString] = {
    "gateway": _l("to where it was paid from"),
    "wallet": _l("as credit in the wallet"),
    "by_hand": _l("sent by hand"),
    "package": _l("as a session of the package"),
}

# Where money would go if staff sent it back now (repair.way_back).
WAYS_BACK: dict[str, LazyString] = {
    "gateway": _l("It goes back to where it was paid from."),
    "whole": _l("All of it goes back to where it was paid from; a part becomes credit in the client's wallet."),
    "credit": _l("It cannot be sent back the way it came: it becomes credit in the client's wallet."),
    "in_hand": _l(
        "It was paid to the practitioner by hand: the refund waits until you know it was given back, or make it credit."
    ),
    "by_hand": _l("This way to pay is not set up any more: the refund waits for you to send it by hand."),
    "package": _l("All of it is a session of the package again; a part becomes credit in the client's wallet."),
}

# Why another calendar could not be read (services/busy).
FEED_PROBLEMS: dict[str, LazyString] = {
    "bad_address": _l("This is not the address of a calendar."),
    "internal_address": _l("This address is inside a private network and is not read."),
    "no_answer": _l("There was no answer, or none with a calendar. It is tried again every quarter of an hour."),
    "too_slow": _l("It took too long. It is tried again every quarter of an hour."),
    "too_large": _l("The calendar is too large."),
    "no_calendar": _l("What stands there is not a calendar."),
    "too_many": _l("There are too many entries in it."),
}

# Messages by their kind, as staff call them.
MESSAGES: dict[str, LazyString] = {
    "audit_breach": _l("the books are not in order"),
    "booking_cancelled": _l("booking cancelled"),
    "booking_confirmed": _l("booking confirmed"),
    "booking_confirmed_practitioner": _l("booking confirmed"),
    "booking_expired": _l("booking not paid in time"),
    "callbacks_silent": _l("no callbacks from a gateway"),
    "due_paid": _l("session paid for"),
    "form_signed": _l("form signed"),
    "forms_to_fill": _l("forms to sign"),
    "password_reset": _l("link for a new password"),
    "payment_credited": _l("money given as credit"),
    "payment_due": _l("session to be paid for"),
    "fee_due": _l("session not kept, to be paid for"),
    "place_offered": _l("place offered to who waited"),
    "attendee_away": _l("somebody cannot come"),
    "attendee_comes": _l("somebody comes after all"),
    "reschedule_proposed": _l("another time proposed"),
    "reschedule_rejected": _l("another time not accepted"),
    "reschedule_unanswered": _l("proposal of another time not answered"),
    "booking_moved": _l("session moved"),
    "difference_due": _l("difference to be paid"),
    "debt_waived": _l("debt forgiven"),
    "payment_offer": _l("paid too late: choose a time, credit or the money"),
    "payment_returned": _l("money on its way back"),
    "payment_returned_practitioner": _l("a payment came too late"),
    "payout_done": _l("credit paid out"),
    "payout_refused": _l("payout refused"),
    "refund_credited": _l("refund given as credit"),
    "refund_delayed": _l("refund takes longer"),
    "refund_done": _l("money sent back"),
    "refund_failed": _l("a refund failed"),
    "refund_silent": _l("nothing heard of a refund"),
    "meeting_link_changed": _l("new meeting link"),
    "registration_attempt": _l("somebody tried this address"),
    "request_approved": _l("request approved"),
    "request_declined": _l("request declined"),
    "request_received": _l("new request"),
    "request_sent": _l("request sent"),
    "request_unanswered": _l("request not answered in time"),
    "reservation_lapsed": _l("reserved amount lapsed"),
    "reservation_released": _l("reserved amount let go"),
    "review_opened": _l("a payment must be looked at"),
    "session_completed": _l("session completed"),
    "session_no_show": _l("session missed"),
    "session_started": _l("session started"),
    "topped_up": _l("wallet topped up"),
    "gift_bought": _l("gift bought"),
    "gift_received": _l("gift in the wallet"),
    "gift_redeemed": _l("gift redeemed"),
    "package_bought": _l("package bought"),
    "package_sold": _l("package sold"),
    "package_expired": _l("package over"),
    "session_returned": _l("session back in its package"),
    "rating_received": _l("new rating"),
    "rating_answered": _l("rating answered"),
    "rating_hidden": _l("rating hidden"),
    "rating_shown": _l("rating shown again"),
    "booking_expired_practitioner": _l("booking not paid in time"),
    "payment_nudge": _l("not paid yet"),
    "proof_received": _l("proof to look at"),
    "proof_rejected": _l("proof not accepted"),
    "proof_waiting": _l("proof still to look at"),
    "prompt_unheard": _l("a request to pay was never heard of"),
    "question_answered": _l("question answered"),
    "question_declined": _l("question declined"),
    "question_message": _l("new message in a conversation"),
    "question_missed": _l("question not answered in time"),
    "question_unanswered": _l("question not answered in time"),
    "question_waits": _l("question still to answer"),
    "question_received": _l("new question"),
    "question_sent": _l("question sent"),
    "session_reminder": _l("reminder of a session"),
    "session_soon": _l("session starts soon"),
    "account_erased": _l("account erased"),
    "account_unused": _l("account about to be erased"),
}

# What people switch together (services/switches): the name, and what is in it. The last is not theirs to switch.
MESSAGE_GROUPS: dict[str, tuple[LazyString, LazyString]] = {
    "bookings": (
        _l("Bookings"),
        _l("Requests, answers and sessions. A confirmation or a cancellation is mailed in any case."),
    ),
    "reminders": (
        _l("Reminders"),
        _l("Before a session, and when a booking is not paid yet while your place is kept."),
    ),
    "money": (_l("Money"), _l("Bills, payments, money back and your wallet.")),
    "practice": (_l("My practice"), _l("Requests, bookings, proofs and questions of clients.")),
    "always": (_l("Accounts and staff"), _l("Mailed in any case, never by SMS.")),
}

# How a message goes out, and what became of that copy (models/notices.py).
CHANNELS: dict[str, LazyString] = {"mail": _l("E-mail"), "sms": _l("SMS")}
DELIVERIES: dict[str, LazyString] = {
    "": _l("not sent yet"),
    "sent": _l("sent"),
    "stale": _l("not sent: no longer true"),
    "off": _l("not sent: switched off"),
    "refused": _l("not sent: this number takes none"),
}

# Where money can be (models/ledger.py), %(name)s is whose; and what moved it.
ACCOUNTS: dict[str, LazyString] = {
    "gateway": _l("%(name)s"),
    "in_hand": _l("In the hands of %(name)s"),
    "received": _l("Taken in, not placed yet"),
    "practitioner": _l("Due to %(name)s"),
    "platform": _l("Our fee"),
    "wallet": _l("Wallet of %(name)s"),
    "gift": _l("Given away, not redeemed yet"),
    "package": _l("Paid for sessions of a package that are left"),
    "refunds": _l("On its way back"),
    "payouts": _l("On its way out by hand"),
    "by_hand": _l("Sent by hand"),
    "write_off": _l("Written off"),
}
POSTINGS: dict[str, LazyString] = {
    "reprice": _l("Shared out anew: the price changed"),
    "capture": _l("Taken in"),
    "land": _l("Placed"),
    "refund_asked": _l("Set aside to go back"),
    "refund_done": _l("Gone back"),
    "refund_came_back": _l("Came back from the bank"),
    "refund_beyond": _l("Gone back beyond what was left"),
    "write_off": _l("Written off"),
    "given_up": _l("Given up with the account"),
    "gift_redeem": _l("Gift redeemed"),
    "gift_cancel": _l("Rest of a cancelled gift"),
    "package_end": _l("Rest of an ended package"),
    "package_expire": _l("Rest of a package whose time is over"),
    "dispute_lost": _l("Taken by the payer's bank"),
}

# The trail's words for what is not a status: acts of staff, and things that only staff follow.
ACTS: dict[str, LazyString] = {
    "asked": _l("asked the gateway"),
    "refund": _l("sent money back"),
    "mailed": _l("sent a message again"),
    "verified": _l("verified a payment"),
}
DISPUTES: dict[str, LazyString] = {"open": _l("Open"), "won": _l("Won"), "lost": _l("Lost")}
PAYOUTS: dict[str, LazyString] = {"asked": _l("Asked for"), "done": _l("Sent"), "refused": _l("Refused")}
GIVEN: dict[str, LazyString] = {"given": _l("Given"), "removed": _l("Taken away")}
PROOFS: dict[str, LazyString] = {
    "waiting": _l("Shown"),
    "accepted": _l("Accepted"),
    "rejected": _l("Not accepted"),
}
STAFF_SUBJECTS: dict[str, LazyString] = {
    **SUBJECTS,
    "act": _l("Staff"),
    "calendar": _l("Another calendar"),
    "call": _l("Call"),
    "consultation": _l("Question in writing"),
    "feed": _l("Address of the own calendar"),
    "gift": _l("Gift"),
    "package": _l("Package"),
    "person": _l("Account"),
    "rating": _l("Rating"),
    "reschedule": _l("Another time"),
    "wait": _l("Waiting list"),
    "inbox": _l("Event"),
    "dispute": _l("Challenge by the bank"),
    "paper": _l("Form"),
    "payout": _l("Payout"),
    "proof": _l("Proof of payment"),
}
_STEPS: dict[str, dict[str, LazyString]] = {
    "act": ACTS,
    "calendar": GIVEN,
    "call": {"started": _l("Begun"), "ended": _l("Ended")},
    "feed": GIVEN,
    "gift": {status: label for status, (label, _, _) in GIFTS.items()},
    "package": {"active": _l("Can be used")} | {status: label for status, (label, _, _) in PACKAGES.items()},
    "paper": {"signed": _l("Signed")},
    "person": {"erased": _l("Erased"), "kept": _l("Account kept")},
    "rating": {"shown": _l("Shown"), "hidden": _l("Hidden")},
    "reschedule": {"open": _l("Proposed"), "withdrawn": _l("Taken back")},
    "wait": {
        "offered": _l("Place offered"),
        "taken": _l("Place taken"),
        "lapsed": _l("Lapsed"),
        "left": _l("Given up"),
    },
    "inbox": {"received": _l("believed once more")},
    "dispute": DISPUTES,
    "payout": PAYOUTS,
    "proof": PROOFS,
    "review": {"open": STATUSES["open"]} | {code: label for code, (label, _) in DECISIONS.items()},
}

# How news came to us (InboxEntry.source), and what became of it (InboxState).
SOURCES: dict[str, LazyString] = {
    "callback": _l("the gateway told us"),
    "look_up": _l("we asked the gateway"),
    "return": _l("the client's browser brought it"),
    "wallet": _l("our own books"),
    "package": _l("our own books"),
    "staff": _l("staff"),
}
NEWS: dict[str, LazyString] = {
    "received": _l("stored, not applied yet"),
    "applied": _l("applied"),
    "ignored": _l("nothing changed by it"),
    "unmatched": _l("about a payment we do not know"),
    "review": _l("a person must look"),
}

# What waits for staff: the short name, and what stands there.
QUEUES: dict[str, tuple[LazyString, LazyString]] = {
    "reviews": (_l("To decide"), _l("Money or news that does not fit what we asked for.")),
    "refunds": (_l("Refunds"), _l("The gateway said no, or nothing has been heard for three days.")),
    "payouts": (_l("Payouts"), _l("Clients who want their credit paid out. You send it by hand and say how.")),
    "proofs": (_l("Proofs"), _l("Money sent by other means that nobody has looked at yet.")),
    "events": (_l("Unmatched events"), _l("News about payments we do not know. It is tried again for three days.")),
    "messages": (_l("Messages"), _l("They are shown in the app; the mail or SMS has not gone out.")),
    "disputes": (_l("Challenged"), _l("The payer's bank challenges the charge. You answer at the gateway's own site.")),
    "waiting": (_l("Under way"), _l("The gateway has not said how these payments ended.")),
}


def step(subject: str, status: str) -> str:
    """What a change has come to, in the reader's language."""
    return str(_STEPS.get(subject, {}).get(status) or STATUSES.get(status, status))


# Reasons that the trail keeps in a word of ours, by subject and the status they led to; a gateway's code is its label.
_WHYS: dict[tuple[str, str], dict[str, LazyString]] = {
    ("attempt", "failed"): FAILURES,
    ("attempt", "abandoned"): {
        "no proof of payment": _l("no proof of payment came"),
        "nothing under way at the gateway": _l("nothing is under way at the gateway"),
        "no answer from the gateway": _l("the gateway did not answer"),
    },
    ("checkout", "cancelled"): {**REFUND_REASONS, "the price changed again": _l("the price changed again")},
    ("act", "mailed"): MESSAGES,
    ("refund", "asked"): BACK,
    ("refund", "done"): MEANS | {"credit": MEANS["wallet"]},
    ("refund", "credited"): {"credit": MEANS["wallet"]},
    ("inbox", "received"): {"replay": _l("staff asked for it")},
    ("review", "open"): REVIEW_REASONS,
}


def why(subject: str, status: str, text: str) -> str:
    """Why something happened: our own words in the reader's language, what people wrote as it is."""
    known = _WHYS.get((subject, status), {})
    code, _, rest = text.partition(":")
    if text in known:
        return str(known[text])
    if code in known:  # what follows a refund's reason is only a number
        return str(known[code]) if subject == "refund" else f"{known[code]}:{rest}"
    return text


def back(reason: str) -> str:
    """Why money goes back, in the reader's language."""
    code = reason.partition(":")[0]
    return str(BACK.get(code, code))


def account(code: str, name: str) -> str:
    """Where money is, in the reader's language."""
    return str(ACCOUNTS[code]) % {"name": name}


def message(kind: str) -> str:
    """What a message is about, as staff call it."""
    return str(MESSAGES.get(kind, kind.replace("_", " ")))


def delivery(outcome: str) -> str:
    """What became of a copy of a message, in the reader's language."""
    return str(DELIVERIES.get(outcome, outcome))
