"""What stands in the way of who logs in, proves who they are, or closes an account."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.mine import OBSTACLES

# As PROBLEMS, which they are a part of.
ACCESS_PROBLEMS: dict[str, LazyString] = {
    "provider_away": _l("%(provider)s does not answer just now. Please try again in a moment, or log in another way."),
    "provider_refused": _l(
        "%(provider)s did not let you in, so you are not logged in here. You can log in another way."
    ),
    "provider_unsaid": _l(
        "We could not make sure who you are from what %(provider)s said. Please try again, or log in another way."
    ),
    "provider_stale": _l("This log-in was begun in another browser, or is over. Please begin it again."),
    "provider_unverified": _l(
        "We were not told that your e-mail address is proved there. Please prove it there first, or log in another way."
    ),
    "password_wrong": _l("This is not your password."),
    "erase_not_typed": _l("Please type your e-mail address as it stands here, so that nothing is erased by mistake."),
    "erase_not_alone": _l("This account can only be closed by whoever runs this site."),
    "account_closed": _l("This account is closed. If that is a mistake, please answer any mail that you have from us."),
    "log_in_busy": _l("Very many people log in just now. Please try again in a moment."),
    "guesses_from_everywhere": _l(
        "Somebody tries many passwords for this account. Log in with a code by mail, or with a browser that you have used before."
    ),
    "codes_too_often": _l(
        "We have sent several codes already. Please use the newest, or ask again in %(minutes)s min."
    ),
    "code_wrong": _l("This code does not match. Please use the newest one that we sent."),
    "code_expired": _l("This code has expired or was used already. Please ask for another one."),
    "second_factor_needed": _l("Your account also needs a code of your app, a recovery code, or a passkey."),
    "second_factor_wrong": _l(
        "This code does not match, or was used already. Each is good once: wait for the next one."
    ),
    "second_factor_none": _l("This account has no second step."),
    "code_app_there": _l("Your account has an app with codes already. Remove it first if you have a new phone."),
    "code_app_expired": _l("This took too long. Please begin again."),
    "passkey_refused": _l("That did not work. Please try again."),
    "passkey_unknown": _l("We do not know this passkey: it may have been removed here. Please log in another way."),
    "passkey_there": _l("This device has a passkey for your account already."),
    "passkeys_many": _l("You have very many passkeys. Remove one that you do not use any more first."),
    "proof_needed": _l("First type the code that we have sent to your e-mail address."),
    "password_common": _l(
        "Many people use this password, so it is the first that others try. Please choose another one."
    ),
    "email_same": _l("This is your address already."),
    "address_taken": _l("Another account has this address."),
    "program_name_invalid": _l("Say what the token is for, in at most %(most)s characters."),
    "token_life": _l("Please choose how long it is good for."),
    "scope_unknown": _l("Please choose what it may do."),
    "scope_too_small": _l("This token may only read."),
    "login_refused": _l("E-mail and password do not match."),
    "login_needed": _l("Please log in first."),
    "login_over": _l("You are not logged in here any more. Please log in again: you come back to where you were."),
    "own_rights": _l("This is your own account. Somebody else of staff does it."),
    "last_staff": _l("This is the last account of staff. Invite somebody first."),
    "mail_missing": _l("This person is known by a phone number alone. They need an e-mail address for this role."),
    "role_same": _l("This account has that role already."),
    "role_unknown": _l("Please choose a role."),
    "person_suspended": _l("This account is suspended."),
    "person_active": _l("This account is not suspended."),
    "registration_refused": _l(
        "We could not create an account with these details. If you already have one, log in or choose a new password."
    ),
    "address_invalid": _l("Enter an e-mail address or a phone number, for example 0712 345 678."),
    "number_not_texted": _l("We can send no SMS to this number. Please give another one, or an e-mail address."),
    "phone_is_address": _l("You log in with this number. To change it, give an e-mail address first."),
    "email_invalid": _l("Please check the e-mail address."),
    "password_length": _l("Please use at least %(least)s characters."),
    **{f"erase_{word}": sentence for word, sentence in OBSTACLES.items()},
    "staff_there": _l("Somebody is staff here already: they make other accounts."),
    "colour_unknown": _l("Give a colour like #0f5c50."),
    "colour_pale": _l("Words in this colour are too pale to be read. The nearest that can be read is %(best)s."),
    "languages_none": _l("Choose at least one language."),
    "choice_missing": _l("Choose one of these."),
    "joining_closed": _l("Nobody is invited as a practitioner here. Change that in the settings first."),
}

# What is said instead beside a field, which it names; also for what only forms can be told (fields.py).
ABOUT_FIELDS: dict[str, LazyString] = {
    "too_long": _l("“%(field)s” can have at most %(most)s characters."),
    "each_too_long": _l("Each name under “%(field)s” can have at most %(most)s characters."),
    "out_of_range": _l("Enter a number from %(least)s to %(most)s for “%(field)s”."),
    "date_invalid": _l("Enter a date like 2026-11-21 for “%(field)s”."),
    "time_invalid": _l("Enter a time like 09:30 for “%(field)s”."),
    "whole_number": _l("Enter a whole number for “%(field)s”."),
}
