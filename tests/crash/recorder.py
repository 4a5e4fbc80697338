"""Writes down all that SQLite does to the files of a folder, while it does it.

A VFS of our own stands before the system's in the very library that `sqlite3` uses, as its default: whoever opens a
database meanwhile is recorded without knowing (https://sqlite.org/vfs.html). It hands everything on. That a folder is
synced shows in no method of a VFS; SQLite opens it for that, and lets the call be replaced.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.disk import Files, Link, Step, Sync, SyncFolder, Truncate, Unlink, Write

SQLITE_OK = 0
SQLITE_OPEN_CREATE = 0x4
SQLITE_SYNC_DATAONLY = 0x10
NAME = b"recorder"
KEPT: list[_Recorder] = []
"""SQLite calls a recorder as long as a connection lives that was opened through it: none may ever be freed."""

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_SetSystemCall = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
_GetSystemCall = CFUNCTYPE(c_void_p, c_void_p, c_char_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_OpenDirectory = CFUNCTYPE(c_int, c_void_p, c_void_p)


class _Vfs(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("app_data", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        ("between", c_void_p * 11),  # access … current_time_int64
        ("set_system_call", _SetSystemCall),
        ("get_system_call", _GetSystemCall),
        ("next_system_call", c_void_p),
    )


class _Methods(Structure):
    """`sqlite3_io_methods`, version 3: what can be done with an open file."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        ("rest", c_void_p * 13),  # file_size … unfetch
    )


def _sqlite() -> ctypes.CDLL:
    """The library that the module `sqlite3` uses; its names are found through the module's own file."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [c_char_p]
    library.sqlite3_vfs_register.argtypes = [POINTER(_Vfs), c_int]
    library.sqlite3_vfs_unregister.argtypes = [POINTER(_Vfs)]
    return library


@dataclass(frozen=True, slots=True)
class Recording:
    """What was in the folder, and what was done to it since, in order."""

    before: Files
    steps: list[Step] = field(default_factory=list)


@contextmanager
def recorded(folder: Path) -> Iterator[Recording]:
    """Records what this process does to the databases in `folder`, until the end of the block; they must be closed by
    then. Raises `OSError` where the disk under it failed: what was recorded is then not what happened."""
    recording = Recording({file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()})
    recorder = _Recorder(folder.resolve(), recording)
    KEPT.append(recorder)
    with recorder.in_place():
        yield recording
    if recorder.failures:
        raise OSError(f"SQLite could not {recorder.failures[0]}")


class _Recorder:
    """Each step is noted, and then done."""

    def __init__(self, folder: Path, recording: Recording) -> None:
        self.failures: list[str] = []
        self._folder = folder
        self._steps = recording.steps
        self._numbers = {name: number for number, name in enumerate(recording.before)}
        self._files = len(recording.before)
        self._opened: dict[int, int] = {}  # address of SQLite's file object → number of the file
        self._methods: dict[int, _Methods] = {}  # those of the system, by address → ours
        self._library = _sqlite()
        self._system = self._library.sqlite3_vfs_find(None)
        self._vfs = _Vfs.from_buffer_copy(self._system.contents)
        self._vfs.name = NAME
        self._vfs.open, self._vfs.delete = _Open(self._open), _Delete(self._delete)
        self._open_directory = self._system.contents.get_system_call(self._system, b"openDirectory")
        self._seen_open_directory = _OpenDirectory(self._sync_folder)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """SQLite's default until the end of the block."""
        instead = ctypes.cast(self._seen_open_directory, c_void_p)
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        self._system.contents.set_system_call(self._system, b"openDirectory", instead)
        try:
            yield
        finally:
            self._system.contents.set_system_call(self._system, b"openDirectory", None)
            self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
            self._library.sqlite3_vfs_register(self._system, 1)
            self._steps = []

    # ── what SQLite calls ──

    def _open(self, _vfs: int, path: int, file: int, flags: int, flags_out: int) -> int:
        name = self._name(path)
        if name is not None and flags & SQLITE_OPEN_CREATE and not (self._folder / name).exists():
            self._numbers[name] = self._files
            self._files += 1
            self._steps.append(Link(name, self._numbers[name]))
        result: int = self._system.contents.open(self._system, path, file, flags, flags_out)
        if name is not None and result == SQLITE_OK:
            self._opened[file] = self._numbers[name]
            methods = c_void_p.from_address(file)  # a file object begins with the address of its methods
            assert methods.value is not None
            methods.value = ctypes.addressof(self._ours(methods.value))
        return result

    def _delete(self, _vfs: int, path: int, sync_folder: int) -> int:
        name = self._name(path)
        if name is not None and (self._folder / name).exists():
            self._steps.append(Unlink(name))
        return int(self._system.contents.delete(self._system, path, sync_folder))

    def _sync_folder(self, path: int, descriptor: int) -> int:
        if self._name(path) is not None:
            self._steps.append(SyncFolder())
        return int(_OpenDirectory(self._open_directory)(path, descriptor))

    def _ours(self, address: int) -> _Methods:
        """The system's methods at `address`, with those replaced that change a file."""
        if address not in self._methods:
            system = _Methods.from_address(address)
            ours = _Methods.from_buffer_copy(system)

            def write(file: int, data: int, size: int, offset: int) -> int:
                self._steps.append(Write(self._opened[file], offset, ctypes.string_at(data, size)))
                return self._done(system.write(file, data, size, offset), "write")

            def truncate(file: int, size: int) -> int:
                self._steps.append(Truncate(self._opened[file], size))
                return self._done(system.truncate(file, size), "truncate")

            def sync(file: int, flags: int) -> int:
                self._steps.append(Sync(self._opened[file], data_only=bool(flags & SQLITE_SYNC_DATAONLY)))
                return self._done(system.sync(file, flags), "sync")

            ours.write, ours.truncate, ours.sync = _Write(write), _Truncate(truncate), _Sync(sync)
            self._methods[address] = ours
        return self._methods[address]

    # ── inside ──

    def _name(self, path: int | None) -> str | None:
        """The name of a file in our folder; None for files elsewhere, and for temporary ones, which have no path."""
        if path is None:
            return None
        full = Path(ctypes.string_at(path).decode())
        return full.name if full.parent == self._folder else None

    def _done(self, result: int, what: str) -> int:
        if result != SQLITE_OK:
            self.failures.append(what)
        return result
