"""Accounts as staff read of them: what people are, and what an act brings about."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ROLES: dict[str, LazyString] = {
    "client": _l("Client"),
    "practitioner": _l("Practitioner"),
    "staff": _l("Staff"),
}

PERSON_STATES: dict[str, LazyString] = {"active": _l("Can log in"), "suspended": _l("Suspended")}

# What staff may do with a person: the page's title, and the button.
PERSON_ACTS: dict[str, tuple[LazyString, LazyString]] = {
    "suspend": (_l("Suspend this person?"), _l("Suspend")),
    "restore": (_l("Restore this person's access?"), _l("Restore")),
    "role": (_l("Change this person's role?"), _l("Change role")),
    "logout": (_l("Log this person out everywhere?"), _l("Log out everywhere")),
    "second_step": (_l("Remove this person's second step?"), _l("Remove second step")),
}

PERSON_DONE: dict[str, LazyString] = {
    "suspend": _l("%(name)s has been suspended and logged out everywhere."),
    "restore": _l("%(name)s can log in again."),
    "role": _l("%(name)s has a new role and needs to log in again."),
    "logout": _l("%(name)s has been logged out everywhere."),
    "second_step": _l("%(name)s now logs in without a second step."),
}

# What will happen, by what is true of the person (overview/people_page: effects).
PERSON_EFFECTS: dict[str, LazyString] = {
    "logins_end": _l("All their browsers and programs are logged out at once."),
    "sure_who_asks": _l(
        "First make sure who is asking: call the number you know, or ask something only this person can "
        "answer. Write down how you checked."
    ),
    "factors_gone": _l(
        "Their passkeys, code app and recovery codes no longer work. Until they set up a new second step, "
        "a password or a code by email is enough."
    ),
    "requests_end": _l(
        "Requests and unpaid bookings end and their places become free; payments under way are settled first."
    ),
    "paid_stays": _l(
        "Paid sessions stay booked. Cancel individually any that must not take place: they are then refunded in full."
    ),
    "late_money": _l(
        "Money that still arrives pays for what it was meant for, or is refunded. Emails about money are still sent."
    ),
    "practice_closes": _l("The practice is no longer shown, and nobody can book or ask questions there."),
    "questions_wait": _l("Paid questions are refunded to those who asked them once the time to answer is over."),
    "practice_opens": _l("The practice, if there is one, can be found and booked again as before."),
    "stays_ended": _l("What has ended stays ended: they need to book again."),
    "old_out_of_reach": _l(
        "They lose access at once to everything from the old role; if they get that role back, it is there again."
    ),
    "credit_waits": _l("There is credit in the wallet, which only a client can use: %(amount)s."),
    "invitations_end": _l("Invitations they sent no longer work."),
}

# What is wrong with a file that somebody sends: a proof (services/core/uploads), a photo (services/practice/public_profile).
FILE_PROBLEMS: dict[str, LazyString] = {
    "proof_missing": _l("Choose the picture or PDF that shows your payment."),
    "proof_type": _l(
        "Send a complete picture (PNG, JPEG or WebP) or PDF: this file is a different type or incomplete."
    ),
    "proof_size": _l(
        "This file is too large: the limit is %(most)s MB. A photo of the screen or a screenshot is enough."
    ),
    "photo_missing": _l("Choose a photo first."),
    "photo_type": _l("Choose a photo in JPEG, PNG or WebP format: this file is a different type or incomplete."),
    "photo_size": _l("This photo is too large: the limit is %(most)s MB."),
    "photo_small": _l("This photo is too small: it must be at least %(least)s pixels wide and high."),
    "photo_pixels": _l("This photo has too many pixels: the limit is %(most)s million."),
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
