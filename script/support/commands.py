"""Several `flask` commands in one process, such as "db upgrade" "seed demo": starting costs more than they do."""

import sys
from collections.abc import Sequence

import click
from flask.cli import FlaskGroup


def main(commands: Sequence[str]) -> int:
    """The exit code of the first command that fails, or 0."""
    from wsgi import app  # noqa: PLC0415  (a wrong setting is reported like a failed command)

    flask = FlaskGroup(create_app=lambda: app)
    for command in commands:
        code = flask.main(command.split(), prog_name="flask", standalone_mode=False)
        if isinstance(code, int) and code:
            return code
    return 0


def _complain(error: Exception) -> int:
    """A sentence, when the error has one: the settings are wrong, or a command was refused."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if type(error).__module__.partition(".")[0] in ("config", "app"):
        print(error, file=sys.stderr)
        return 1
    raise error


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Exception as error:
        sys.exit(_complain(error))
