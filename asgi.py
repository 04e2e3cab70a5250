"""Where the web server finds the application: Flask behind the front that reads bodies and lets browsers wait (decision 0012)."""

from app.blueprints.common.answers import front_door
from wsgi import app

front = front_door.of(app)
