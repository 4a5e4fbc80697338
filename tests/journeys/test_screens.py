"""The station in real windows: on an X server, and served by VNC."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from kiosk.flow.keys import Key
from tests.journeys.conftest import NewStage
from tests.journeys.rfb import VNC_AUTHENTICATION, Refused, Viewer


@pytest.fixture
def x_server() -> Iterator[str]:
    """An X server of the test's own; its DISPLAY."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        display = f":{pipe.readline().strip()}"
    yield display
    server.terminate()
    server.wait(10)


def test_a_visit_in_a_real_window(
    x_server: str, new_stage: NewStage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISPLAY", x_server)
    stage = new_stage(platform="xcb", size=None)
    stage.tap("anna")
    assert stage.scan("36").texts == [Key.ROW_LENT]
    picture = QImage(str(stage.shot(tmp_path / "window.png")))
    assert (picture.width(), picture.height()) == (1280, 800), "it takes the whole screen"
    assert stage.press("finish").screen == "done"


def test_by_vnc_with_a_password_on_loopback_alone(tmp_path: Path) -> None:
    environment = os.environ | {"SCREEN": "vnc"}
    environment.pop("QT_QPA_PLATFORM", None)
    demo = subprocess.Popen(
        [sys.executable, "-m", "kiosk.demo"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout is not None
        demo.stdout.readline()
        served = re.fullmatch(r"Screen: vnc://127\.0\.0\.1:(\d+) .*: (\S{8})\n", demo.stdout.readline())
        assert served is not None
        port, password = int(served.group(1)), served.group(2)
        with closing(Viewer(port)) as viewer:
            assert viewer.security_types == {VNC_AUTHENTICATION}
            with pytest.raises(Refused):
                viewer.log_in(password[::-1])
        with closing(Viewer(port)) as viewer:
            viewer.log_in(password)
            width, height, pixels = viewer.picture()
        assert (width, height) == (1660, 800), "the station and the bench beside it"
        colours = {pixels[at : at + 4] for at in range(0, len(pixels), 4 * 97)}
        assert len(colours) > 20
        listening = [
            each.laddr.ip
            for process in psutil.Process(demo.pid).children(recursive=True)
            for each in process.net_connections()
            if each.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert set(listening) <= {"127.0.0.1", "::1"}
        commands = " ".join(" ".join(child.cmdline()) for child in psutil.Process(demo.pid).children(recursive=True))
        assert password not in commands
    finally:
        demo.terminate()
        assert demo.wait(20) == 0
        demo.stdout.close()  # type: ignore[union-attr]
