"""What one notebook may use: time, file size, memory, output."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for one notebook run; None is no limit.

    `seconds` of wall-clock time hold for every engine. The others hold in the warm engine: `file_bytes`
    (size of any one file written), `memory_bytes` (address space), `output_bytes` (everything printed and
    shown together).
    """

    seconds: float | None = 600.0
    file_bytes: int | None = None
    memory_bytes: int | None = None
    output_bytes: int | None = 256 * MEGABYTE

    def enforce_on_this_process(self) -> None:
        """Set the limits that the operating system keeps, for this process and those it starts."""
        import resource

        if self.file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes, self.file_bytes))
        if self.memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (self.memory_bytes, self.memory_bytes))
