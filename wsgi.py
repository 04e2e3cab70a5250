"""Where a web server and the `flask` command find the application."""

from importlib import import_module

from app import start_app

# What the first reader of a paper, a calendar or /readyz would else wait for. In production it is there before anybody comes.
_NEEDED_BY_PAGES = (
    "app.lib.papers.pdfs.paper",
    "email_validator",
    "icalendar",
    "phonenumbers",
    "redis",
    "rq",
)

app = start_app()
if app.config["PRODUCTION"]:
    for _name in _NEEDED_BY_PAGES:
        import_module(_name)
