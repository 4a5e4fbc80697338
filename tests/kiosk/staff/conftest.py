"""A real centre, and what a station tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.conftest import centre as centre
from tests.sync.conftest import client as client
from tests.sync.conftest import clock as clock
from tests.sync.conftest import engine as engine
from tests.sync.conftest import mint as mint
from tests.sync.conftest import tell as tell


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/centre.db"
