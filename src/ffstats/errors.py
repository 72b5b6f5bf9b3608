"""The errors of ffstats: each says what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class FfstatsError(Exception):
    """Base of every error that ffstats raises on purpose."""

class ColumnError(FfstatsError):
    """A table lacks a column, has one twice, or has one that nothing describes."""


class DictionaryError(FfstatsError):
    """A name was looked up that the data dictionary does not hold."""


class DuplicateKeyError(FfstatsError):
    """Two rows have the same key."""


class EncodingError(FfstatsError):
    """A file is not UTF-8."""


class FieldError(FfstatsError):
    """A field holds something that its column does not allow."""


class NulByteError(FfstatsError):
    """A file holds a NUL byte."""


class RawDataError(FfstatsError):
    """The raw data have problems; all of them are listed, and nothing was written."""

    def __init__(self, problems: Sequence[FfstatsError]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        lines = [f"{type(p).__name__}: {p}" for p in self.problems]
        super().__init__("\n".join([f"{head} in the raw data; nothing was written.", *lines]))


class RowLengthError(FfstatsError):
    """A row has more or fewer fields than the header, or its quotation marks do not match."""


class TidyError(FfstatsError):
    """A tidy table breaks its own schema; every failure is listed."""


class UnknownSourceError(FfstatsError):
    """A folder or a row names a source that the registry does not hold."""
