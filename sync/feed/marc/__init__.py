"""MARC files: what a library's system gives out, read into titles and copies.

    file ─► pieces (`iso2709`, `marcxml`) ─► MarcRecord ─► `marc21` or `unimarc` ─► TitleRecord
                        ▲                        └───────► `items`, by a profile ─► ItemRecord
                     `charset`

`reading` puts it together.
"""

from sync.feed.marc.charset import Charset
from sync.feed.marc.items import PROFILES, ItemProfile, profile
from sync.feed.marc.reading import Catalogued, ImportReport, MarcOptions, Problem, import_files, read_catalogue
from sync.feed.marc.record import Flavour, Reason

__all__ = [
    "PROFILES",
    "Catalogued",
    "Charset",
    "Flavour",
    "ImportReport",
    "ItemProfile",
    "MarcOptions",
    "Problem",
    "Reason",
    "import_files",
    "profile",
    "read_catalogue",
]
