"""What staff read about their house, and what everybody reads of it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

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

HOUSE_PROBLEMS: dict[str, LazyString] = {
    "staff_there": _l("Somebody is staff here already: they make other accounts."),
    "colour_unknown": _l("Give a colour like #0f5c50."),
    "colour_pale": _l("Words in this colour are too pale to be read. The nearest that can be read is %(best)s."),
    "languages_none": _l("Choose at least one language."),
    "choice_missing": _l("Choose one of these."),
    "joining_closed": _l("Nobody is invited as a practitioner here. Change that in the settings first."),
}

# What of the house staff have changed.
HOUSE_STEPS: dict[str, LazyString] = {
    "look": _l("Name and look"),
    "logo": _l("Logo"),
    "contact": _l("Contact, money and languages"),
    "joining": _l("Who may become a practitioner"),
    **{kind: title for kind, (title, _) in HOUSE_TEXTS.items()},
}
