"""What stands in the way of who logs in, proves who they are, or closes an account."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.mine import OBSTACLES

# As PROBLEMS, which they are a part of.
ACCESS_PROBLEMS: dict[str, LazyString] = {
    "provider_away": _l("%(provider)s is not responding right now. Try again in a moment, or log in another way."),
    "provider_refused": _l(
        "%(provider)s did not let you in, so you are not logged in here. You can log in another way."
    ),
    "provider_unsaid": _l(
        "We could not confirm who you are from what %(provider)s told us. Try again, or log in another way."
    ),
    "provider_stale": _l("This login was started in another browser, or has expired. Start it again."),
    "provider_unverified": _l(
        "We were not told that your email address is confirmed there. Confirm it there first, or log in another way."
    ),
    "password_wrong": _l("This is not your password."),
    "erase_not_typed": _l("Type your email address as it is shown here, so that nothing is erased by mistake."),
    "erase_not_alone": _l("This account can only be closed by whoever runs this site."),
    "account_closed": _l("This account is closed. If that is a mistake, reply to any email you have from us."),
    "log_in_busy": _l("Many people are logging in right now. Try again in a moment."),
    "guesses_from_everywhere": _l(
        "Someone is trying many passwords for this account. Log in with a code by email, or with a browser "
        "you have used before."
    ),
    "codes_too_often": _l("We have already sent several codes. Use the newest, or ask again in %(minutes)s min."),
    "code_wrong": _l("This code does not match. Use the newest one we sent."),
    "code_expired": _l("This code has expired or has already been used. Ask for another one."),
    "second_factor_needed": _l("Your account also needs a code from your app, a recovery code or a passkey."),
    "second_factor_wrong": _l(
        "This code does not match or has already been used. Each code works once: wait for the next one."
    ),
    "second_factor_none": _l("This account has no second step."),
    "code_app_there": _l("Your account already has a code app. If you have a new phone, remove it first."),
    "code_app_expired": _l("This took too long. Start again."),
    "passkey_refused": _l("That did not work. Try again."),
    "passkey_unknown": _l("We do not recognise this passkey: it may have been removed here. Log in another way."),
    "passkey_there": _l("This device already has a passkey for your account."),
    "passkeys_many": _l("You have too many passkeys. First remove one that you no longer use."),
    "proof_needed": _l("Enter the code we sent to your email address first."),
    "password_common": _l("Many people use this password, so it is the first that others try. Choose another one."),
    "email_same": _l("This is already your address."),
    "address_taken": _l("Another account already uses this address."),
    "program_name_invalid": _l("Say what the token is for, in at most %(most)s characters."),
    "token_life": _l("Choose how long it is valid for."),
    "scope_unknown": _l("Choose what it may do."),
    "scope_too_small": _l("This token is read-only."),
    "login_refused": _l("E-mail and password do not match."),
    "login_needed": _l("Log in first."),
    "login_over": _l("You are no longer logged in here. Log in again: you will come back to where you were."),
    "own_rights": _l("This is your own account. Another member of staff has to do this."),
    "last_staff": _l("This is the last staff account. Invite someone first."),
    "mail_missing": _l("This person has only a phone number here. They need an email address for this role."),
    "role_same": _l("This account already has that role."),
    "role_unknown": _l("Choose a role."),
    "person_suspended": _l("This account is suspended."),
    "person_active": _l("This account is not suspended."),
    "registration_refused": _l(
        "We could not create an account with these details. If you already have one, log in or choose a new password."
    ),
    "address_invalid": _l("Enter an email address or a phone number, for example 0712 345 678."),
    "number_not_texted": _l("We cannot send SMS to this number. Enter another number, or an email address."),
    "phone_is_address": _l("You log in with this number. To change it, add an email address first."),
    "email_invalid": _l("Check the email address."),
    "password_length": _l("Use at least %(least)s characters."),
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
