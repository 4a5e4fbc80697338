"""Make the project importable in its .venv and put the command `kiosk` there.

An editable install would do the same by building the project, for which pip wants a build backend from outside;
a path file and a launcher need nothing.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = """#!{python}
import sys

from kiosk.cli import main

sys.exit(main())
"""


def link() -> None:
    """Write the path file and the launcher into the running environment."""
    paths = sysconfig.get_paths()
    (Path(paths["purelib"]) / "library_kiosk.pth").write_text(f"{ROOT}\n")
    command = Path(paths["scripts"]) / "kiosk"
    command.write_text(LAUNCHER.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    link()
