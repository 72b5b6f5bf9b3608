"""What one notebook may use besides time: file size, memory, output."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for a notebook in the warm engine; None is no limit. A plain kernel has none of them.

    `file_bytes` is the size of any one file written, `memory_bytes` the address space of each process,
    `output_bytes` everything printed and shown together.
    """

    file_bytes: int | None = None
    memory_bytes: int | None = None
    output_bytes: int | None = 256 * MEGABYTE

    @property
    def contain(self) -> bool:
        """Whether the notebook must be kept within limits that only the warm engine keeps."""
        return self.file_bytes is not None or self.memory_bytes is not None

    def enforce_on_this_process(self) -> None:
        """Set the limits that the operating system keeps, for this process and those it starts."""
        import resource

        if self.file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes, self.file_bytes))
        if self.memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (self.memory_bytes, self.memory_bytes))
