"""A filter of system calls (Linux, seccomp): no sockets, no other processes, no signals to others, no changed owners.

What is refused, and on which processor by which number, is vocabulary/system_calls.csv. Its rules: denied (not
permitted), absent (as if the kernel did not know it), only, not, with and without: permitted if an argument is one
of these values, none of them, has this flag, or has not all of these flags. `self` is the process that the filter
is set in.
"""

from __future__ import annotations

import csv
import ctypes
import os
import platform
import struct
from typing import Final

from ffstats import paths

# linux/audit.h, linux/seccomp.h, linux/bpf_common.h
_PROCESSORS: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
_SET_FILTER, _ALL_THREADS = 1, 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NOT_PERMITTED, _NOT_THERE = 1, 38  # EPERM, ENOSYS
_LOAD, _AND, _EQUAL, _AT_LEAST, _HAS, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _PROCESSOR_AT, _ARGUMENTS_AT = 0, 4, 16
_OTHER_NUMBERING: Final = 0x40000000  # x32, another way into the same calls


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def refuse() -> str:
    """Set the filter on this process and its threads, for good; return "" or why it could not be set.

    Needs no rights, but that the process can gain none (see contain.enclose).
    """
    processor = platform.machine()
    if processor not in _PROCESSORS:
        return f"no filter of system calls for the processor {processor or 'of this machine'}"
    code = program(processor, os.getpid())
    filled = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_SECCOMP[processor], _SET_FILTER, _ALL_THREADS, ctypes.byref(filled)) != 0:
        return f"the kernel takes no filter of system calls ({os.strerror(ctypes.get_errno())})"
    return ""


def program(processor: str, process: int) -> bytes:
    """Return the filter for a processor and a process, as the kernel's packet-filter code.

    >>> len(program("x86_64", 1)) % 8
    0
    """
    code = [
        _step(_LOAD, _PROCESSOR_AT),
        _step(_EQUAL, _PROCESSORS[processor], 1, 0),
        _end(_NOT_PERMITTED),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _OTHER_NUMBERING, 0, 1),
        _end(_NOT_PERMITTED),
    ]
    with paths.vocabulary("system_calls.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row[processor]:
                body = _judged(row, process)
                # A jump goes 255 steps at most: each call has its own end.
                code += [_step(_EQUAL, int(row[processor]), 0, len(body)), *body]
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def _judged(row: dict[str, str], process: int) -> list[bytes]:
    """Return the steps for one call: refuse it, or look at the lower half of one argument first."""
    if row["rule"] in ("denied", "absent"):
        return [_end(_NOT_PERMITTED if row["rule"] == "denied" else _NOT_THERE)]
    values = [process if value == "self" else int(value, 0) for value in row["values"].split()]
    compare = _HAS if row["rule"] == "with" else _EQUAL
    permit, refused = _step(_RETURN, _ALLOW), _end(_NOT_PERMITTED)
    found, missed = (refused, permit) if row["rule"] in ("not", "without") else (permit, refused)
    steps = [_step(_LOAD, _ARGUMENTS_AT + 8 * int(row["argument"]))]
    steps += [_step(_AND, values[0])] if row["rule"] == "without" else []
    for value in values:
        steps += [_step(compare, value, 0, 1), found]
    return [*steps, missed]


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _end(error: int) -> bytes:
    return _step(_RETURN, _REFUSE | error)
