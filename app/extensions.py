"""The extensions, created here and bound in create_app; importing this builds nothing."""

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from app.lib.network.csrf import Protection
from app.lib.queue import Queue
from app.lib.tables.migrations import Migrations
from app.lib.tables.unit_of_work import UnitOfWork
from app.models.base import Base
from config import ROOT

db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": UnitOfWork, "expire_on_commit": False})
migrations = Migrations(db, ROOT / "migrations")
login = LoginManager()
csrf = Protection()
limiter = Limiter(key_func=get_remote_address)
babel = Babel()
compress = Compress()
queue = Queue()
