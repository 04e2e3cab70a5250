"""Where the web server finds the application: Flask behind the front that reads bodies and lets browsers wait (decision 0012)."""

from app.blueprints.common.answers import front_door
from app.services.core import restorations
from wsgi import app

restorations.hold_back(app)
front = front_door.of(app)
