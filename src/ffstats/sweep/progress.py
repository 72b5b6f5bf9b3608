"""How far a sweep has come: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Counts the runs that end, with their rate and the time left; use it as a context."""

    def __init__(
        self, total: int, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total, self.ended, self.failed = total, 0, 0
        self._stream, self._clock = stream or sys.stderr, clock
        self._started = self._said = clock()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if self._stream.isatty() and self.total:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("runs"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
            )
            self._bar = Bar(*columns, console=Console(file=self._stream), transient=True)
            self._bar.start()
            self._bar.add_task("runs", total=self.total, said="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def end(self, ok: bool) -> None:
        """Take note that a run has ended."""
        self.ended += 1
        self.failed += not ok
        now = self._clock()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self.ended, said=self.words(now))
        elif now - self._said >= SECONDS_BETWEEN_LINES or self.ended == self.total:
            self._said = now
            self._stream.write(f"{self.ended} of {self.total}, {self.words(now)}\n")
            self._stream.flush()

    def words(self, now: float) -> str:
        """Return the failures so far, the rate and the time left, in words.

        >>> times = iter([0.0, 2.0])
        >>> progress = Progress(10, clock=lambda: next(times))
        >>> progress.ended = 4
        >>> progress.words(2.0)
        '2.0 a second, 3 s left'
        """
        rate = self.ended / max(now - self._started, 1e-9)
        failed = f"{self.failed} failed, " if self.failed else ""
        return f"{failed}{rate:.1f} a second, {duration((self.total - self.ended) / rate)} left"


def duration(seconds: float) -> str:
    """Return a time as a person says it.

    >>> duration(3.2), duration(200), duration(7260)
    ('3 s', '3 min', '2 h 1 min')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
