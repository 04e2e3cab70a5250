"""What can be wrong with a wish of the sandbox's user; for Kikao's calls each vendor has error shapes of its own."""


class Mistaken(ValueError):
    """What was asked for makes no sense; the message says what would. 400."""


class Unknown(Exception):
    """There is no such thing. 404."""


class Refused(Exception):
    """It makes sense but not now: already paid, say. 409."""
