"""What keeps a submission in: limits and walls that a process puts on itself, for good, before it runs what is in it.

What holds depends on the system, is found out by doing it, and is said for each guarantee. In words for the
teacher: docs/teaching/grading.md.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ffstats import paths

GUARANTEES: Final = {
    "time": "ends at its time limit",
    "output": "prints to nowhere",
    "memory": "cannot use more memory than its limit",
    "writing": "cannot change a file outside its own folder",
    "reading": "cannot read other submissions, keys or the teacher's files",
    "network": "cannot reach the network",
    "processes": "cannot start other processes",
    "signals": "cannot stop or look into other processes",
}
BY_THE_GRADER: Final = frozenset({"time", "output"})
MIB: Final = 1 << 20
LARGEST_FILE: Final = 64 * MIB
_OPEN_FILES = 256
_NEW_USER, _NEW_NETWORK, _NEW_MESSAGES, _NEW_NAMES = 0x10000000, 0x40000000, 0x08000000, 0x04000000
_NO_NEW_RIGHTS, _END_WITH_PARENT, _NO_DUMPS = 38, 1, 4  # prctl
_SYSTEM: Final = (
    *(
        "/usr",
        "/lib",
        "/lib32",
        "/lib64",
        "/etc/fonts",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/etc/timezone",
    ),
    *("/dev/random", "/dev/urandom", "/sys/devices/system/cpu", "/proc/meminfo", "/proc/cpuinfo"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which guarantees hold for a submission on this system, and why the others do not.

    >>> kept = Kept({**dict.fromkeys(GUARANTEES, ""), "network": "no filter"})
    >>> kept.missing
    {'network': 'no filter'}
    """

    reasons: Mapping[str, str]

    @property
    def missing(self) -> dict[str, str]:
        """The guarantees that do not hold, each with the reason."""
        return {
            name: self.reasons.get(name, "not known")
            for name in GUARANTEES
            if self.reasons.get(name, "not known")
        }

    def __str__(self) -> str:
        missing = self.missing
        held = "; ".join(words for name, words in GUARANTEES.items() if name not in missing)
        lines = [f"Each submission runs by itself. It {held}."]
        lines += [f"NOT HELD: it {GUARANTEES[name]}: {reason}." for name, reason in missing.items()]
        return "\n".join(lines)


def enclose(folder: Path, seconds: int, memory_mib: int) -> Kept:
    """Enclose this process in `folder`, with limits of processor time and of memory added to what it uses now.

    It must be a process of one thread that has opened all it needs, and it can never get out again.

    Returns: what holds here.
    """
    reasons = dict.fromkeys(GUARANTEES, "")
    if os.name != "posix":
        here = f"nothing of the kind is done on {sys.platform}"
        return Kept({name: "" if name in BY_THE_GRADER else here for name in GUARANTEES})
    if sys.platform != "linux":
        _limit(seconds, None)
        here = f"only Linux has what it takes; this is {sys.platform}"
        return Kept({name: "" if name in BY_THE_GRADER else here for name in GUARANTEES})
    from ffstats.teach import landlock, syscalls

    _limit(seconds, memory_mib)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_END_WITH_PARENT, 9, 0, 0, 0)
    libc.prctl(_NO_DUMPS, 0, 0, 0, 0)
    alone = len(os.listdir("/proc/self/task")) == 1
    # A network, a memory for messages and a set of rights of its own, where the system lets anyone have them.
    own = libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_MESSAGES | _NEW_NAMES) == 0
    _drop_rights(libc)
    if libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0) != 0:
        refused = "the kernel does not let a process give up rights"
        return Kept({**reasons, **dict.fromkeys(set(GUARANTEES) - BY_THE_GRADER - {"memory"}, refused)})
    read, listed = readable()
    walls = landlock.enclose(read, listed, [folder, Path("/dev/null")]) if alone else "it has several threads"
    calls = syscalls.refuse()
    reasons |= {"writing": walls or calls, "reading": walls, "processes": calls, "memory": calls}
    reasons["network"] = "" if own else calls
    reasons["signals"] = "" if not walls and landlock.version() >= landlock.SCOPES_FROM else calls
    return Kept(reasons)


def readable() -> tuple[list[Path], list[Path]]:
    """Return what a submission may read, and which folders it may list without reading all that is in them.

    The libraries of the system and of Python, this package and the data. The package's copies of the lessons hold
    solutions, so that every folder above them is taken apart.
    """
    hidden = paths.package_dir() / "_data"
    python = {
        Path(each).resolve() for each in (sys.prefix, sys.base_prefix, *sys.path) if os.path.isdir(each)
    }
    read, listed = [], []
    waiting = [*map(Path, _SYSTEM), *sorted(python), paths.package_dir()]
    while waiting:
        path = waiting.pop()
        if hidden.exists() and hidden.is_relative_to(path.resolve()):
            listed.append(path)
            waiting += [each for each in path.iterdir() if each != hidden]
        else:
            read.append(path)
    return [*read, paths.raw_dir(), paths.processed_dir()], listed


def _drop_rights(libc: Any) -> None:
    """Give up every capability, for the case that the teacher is root; what has none loses nothing."""
    version_3, this_process = 0x20080522, 0
    libc.capset((ctypes.c_uint32 * 2)(version_3, this_process), (ctypes.c_uint32 * 6)())


def _limit(seconds: int, memory_mib: int | None) -> None:
    """Set the limits that the system keeps: processor time, memory, size of a file, open files, no core dump."""
    import resource

    def at_most(what: int, value: int) -> None:
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    at_most(resource.RLIMIT_FSIZE, LARGEST_FILE)
    at_most(resource.RLIMIT_CORE, 0)
    at_most(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if memory_mib is not None:
        # What is written to, not what is reserved: the library that draws PNG files reserves more than there is.
        # Shared memory, which is not counted, is refused with the system calls.
        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        at_most(resource.RLIMIT_DATA, used + memory_mib * MIB)
        at_most(resource.RLIMIT_STACK, 8 * MIB)
