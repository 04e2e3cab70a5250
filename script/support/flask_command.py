"""`flask` with the settings the last script/server used; what the caller sets wins."""

import os
import sys
from pathlib import Path

from script.support.settings import ROOT, instance_directory, remembered


def main() -> None:
    """Becomes `flask`, with the same arguments."""
    environment = remembered(instance_directory(os.environ)) | dict(os.environ)
    flask = str(Path(sys.executable).with_name("flask"))
    os.chdir(ROOT)
    os.execve(flask, [flask, *sys.argv[1:]], environment)  # noqa: S606


if __name__ == "__main__":
    main()
