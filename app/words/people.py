"""Accounts as staff read of them: what people are, and what an act brings about."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ROLES: dict[str, LazyString] = {
    "client": _l("Client"),
    "practitioner": _l("Practitioner"),
    "staff": _l("Staff"),
}

PERSON_STATES: dict[str, LazyString] = {"active": _l("May log in"), "suspended": _l("Suspended")}

# What staff may do with a person: the page's title, and the button.
PERSON_ACTS: dict[str, tuple[LazyString, LazyString]] = {
    "suspend": (_l("Suspend this person?"), _l("Suspend")),
    "restore": (_l("Let this person in again?"), _l("Restore")),
    "role": (_l("Change the role of this person?"), _l("Change the role")),
    "logout": (_l("Log this person out everywhere?"), _l("Log out everywhere")),
    "second_step": (_l("Remove this person's second step?"), _l("Remove the second step")),
}

PERSON_DONE: dict[str, LazyString] = {
    "suspend": _l("%(name)s is suspended, and logged out everywhere."),
    "restore": _l("%(name)s can log in again."),
    "role": _l("%(name)s has another role, and logs in anew for it."),
    "logout": _l("%(name)s is logged out everywhere."),
    "second_step": _l("%(name)s now logs in without a second step."),
}

# What will happen, by what is true of the person (overview/people_page: effects).
PERSON_EFFECTS: dict[str, LazyString] = {
    "logins_end": _l("Every browser and program of theirs is logged out at once."),
    "sure_who_asks": _l(
        "First make sure who asks: ring the number you know, or ask what only this person can tell. Write down how you did."
    ),
    "factors_gone": _l(
        "Their passkeys, app and recovery codes no longer work. Until they set up a new one, a password or a code by mail"
        " is enough."
    ),
    "requests_end": _l(
        "Requests and unpaid bookings end and their places are free; what is being paid is decided first."
    ),
    "paid_stays": _l(
        "Paid sessions stay. Cancel them one by one where they must not take place: all of the money goes back then."
    ),
    "late_money": _l("Money that still comes pays for what it was meant for, or goes back. Mails about money go on."),
    "practice_closes": _l("The practice is not shown any more, and nobody can book or ask there."),
    "questions_wait": _l(
        "Questions that were paid for go back to those who asked once their time to be answered is over."
    ),
    "practice_opens": _l("The practice, if there is one, can be found and booked again as before."),
    "stays_ended": _l("What had ended stays ended: they book anew."),
    "old_out_of_reach": _l("What the old role opened is out of reach at once; with the old role it is there again."),
    "credit_waits": _l("There is credit in the wallet, which only a client can use: %(amount)s."),
    "invitations_end": _l("Invitations that they sent open nothing any more."),
}

# What is wrong with a file that somebody sends: a proof (services/core/uploads), a photo (services/practice/public_profile).
FILE_PROBLEMS: dict[str, LazyString] = {
    "proof_missing": _l("Please choose the picture or PDF that shows your payment."),
    "proof_type": _l("Please send a whole picture (PNG, JPEG or WebP) or a PDF: this file is none, or was cut off."),
    "proof_size": _l("This file is too large: at most %(most)s MB. A photo of the screen or a screenshot is enough."),
    "photo_missing": _l("Please choose a photo first."),
    "photo_type": _l("Please choose a photo in JPEG, PNG or WebP: this file is none, or was cut off."),
    "photo_size": _l("This photo is too large: at most %(most)s MB."),
    "photo_small": _l("This photo is too small: at least %(least)s pixels in width and height."),
    "photo_pixels": _l("This photo has too many pixels: at most %(most)s million."),
}

# The house's own texts: what the page is called, and what it is for.
HOUSE_TEXTS: dict[str, tuple[LazyString, LazyString]] = {
    "privacy": (_l("Privacy"), _l("What you keep of people, why, for how long, and whom they can ask.")),
    "terms": (_l("Terms"), _l("What people agree to when they use your site.")),
    "imprint": (_l("Imprint"), _l("Who runs the site: name, address, register. Some countries ask for it.")),
}

JOINING: dict[str, LazyString] = {
    "invitation": _l("People whom staff invite by mail, or give the role on their page"),
    "open": _l("Every client who wants to, at once"),
    "staff": _l("Only people to whom staff give the role on their page"),
}

# What of the house staff have changed.
HOUSE_STEPS: dict[str, LazyString] = {
    "look": _l("Name and look"),
    "logo": _l("Logo"),
    "contact": _l("Contact, money and languages"),
    "joining": _l("Who may become a practitioner"),
    **{kind: title for kind, (title, _) in HOUSE_TEXTS.items()},
}
