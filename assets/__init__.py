"""What the station is delivered with: fonts, icons, sounds, themes, translations, the sample library."""

from importlib.resources import files
from pathlib import Path


def folder() -> Path:
    """Where the assets lie. They are used by path (fonts, sounds), so the package must not be zipped."""
    return Path(str(files("assets")))
