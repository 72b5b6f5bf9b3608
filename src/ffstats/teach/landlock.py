"""Walls around files (Linux, Landlock): a process reads and writes below named folders only, for good.

The kernel's own documentation (userspace-api/landlock) is the source of the numbers. A wall covers contents: that
a file exists, and its size, can be seen outside it.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CREATE, _ADD_RULE, _ENCLOSE = 444, 445, 446  # the same on every processor
_VERSION_WANTED, _BELOW_PATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE, _DEVICE = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
# What the kernel can refuse, by version: 13 rights on files, then moving between folders, cutting, devices.
_RIGHTS: Final = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE, 5: _DEVICE}
_ON_FILES: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE | 1
_NETWORK_FROM, _CONNECTIONS = 4, 0b11
SCOPES_FROM, _SCOPES = 6, 0b11  # abstract sockets and signals


class _Rules(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _Below(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def version() -> int:
    """Return the version of Landlock that the kernel has; 0 for none."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE, None, 0, _VERSION_WANTED)))


def enclose(readable: Iterable[Path], listable: Iterable[Path], writable: Iterable[Path]) -> str:
    """Let this thread and those it starts read, list and write below these paths only; return "" or why that failed.

    A path that does not exist is left out. Needs no rights, but that the process can gain none.
    """
    libc, present = ctypes.CDLL(None, use_errno=True), version()
    if not present:
        return "the kernel has no Landlock, or it is switched off"
    rights = sum(bits for since, bits in _RIGHTS.items() if since <= present)
    network = _CONNECTIONS if present >= _NETWORK_FROM else 0
    rules = _Rules(rights, network, _SCOPES if present >= SCOPES_FROM else 0)
    ruleset = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    reading = (_READ_FILE | _READ_FOLDER) & rights
    try:
        for paths, allowed in ((readable, reading), (listable, _READ_FOLDER), (writable, rights)):
            for path in paths:
                _allow(libc, ruleset, path, allowed)
        failed = ruleset < 0 or libc.syscall(_ENCLOSE, ruleset, 0) != 0
        return f"Landlock refused ({os.strerror(ctypes.get_errno())})" if failed else ""
    finally:
        if ruleset >= 0:
            os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, allowed: int) -> None:
    """Add one path to what is allowed; without it less is, so that a failure is on the safe side."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(opened).st_mode):
        allowed &= _ON_FILES
    rule = _Below(allowed, opened)
    libc.syscall(_ADD_RULE, ruleset, _BELOW_PATH, ctypes.byref(rule), 0)
    os.close(opened)
