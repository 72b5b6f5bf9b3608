"""The errors of ffstats: each says what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


def how_to_add(extra: str) -> str:
    """Say how an extra is installed, in a clone with its locked versions or elsewhere."""
    return f"Add it: in a clone of the project, make extras; elsewhere, python -m pip install 'ffstats[{extra}]'."


class FfstatsError(Exception):
    """Base of every error that ffstats raises on purpose."""


class AnswerError(FfstatsError):
    """An answer to a question of a lesson is not of the kind that the question asks for."""


class BlindError(FfstatsError):
    """A reviewer's number cannot be compared with that of a claim."""


class ChoiceError(FfstatsError):
    """A parameter or a term has a value that is not one of the valid ones."""


class ClaimError(FfstatsError):
    """A claim was asked for that the ledger does not hold."""


class ColumnError(FfstatsError):
    """A table lacks a column, has one twice, or has one that nothing describes."""


class DefinitionError(FfstatsError):
    """A definition uses a term or a place that the vocabulary does not hold; all of them are listed."""


class DictionaryError(FfstatsError):
    """A name was looked up that the data dictionary does not hold."""


class DocumentError(FfstatsError):
    """A document cannot be read: too large, empty, damaged, encrypted or without text; the text says which."""


class DuplicateKeyError(FfstatsError):
    """Two rows have the same key."""


class EncodingError(FfstatsError):
    """A file is not UTF-8."""


class EngineError(FfstatsError):
    """A notebook engine cannot run a notebook; the text says why."""


class EstimateError(FfstatsError):
    """An estimate contradicts itself, or an operation on estimates has no meaning."""


class EvidenceError(FfstatsError):
    """A reviewer's evidence cannot be taken in; everything that is wrong with it is listed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n".join([f"{head} in the evidence; nothing was written.", *self.problems]))


class ExhibitError(FfstatsError):
    """A figure or table cannot be made, or its files cannot be read or written."""


class ExportError(FfstatsError):
    """The data hold cells that a spreadsheet would run as formulas; all of them are listed."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.cells = tuple(cells)
        many = "a cell" if len(self.cells) == 1 else f"{len(self.cells)} cells"
        hint = "Restate the words in data/raw/corrections.csv."
        super().__init__("\n".join([f"{many} would run as a formula in a spreadsheet; nothing was written. {hint}", *self.cells]))


class ExtraMissing(FfstatsError):
    """A library of an extra is not installed; the text says how to install it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what}. {how_to_add(extra)}")


class FieldError(FfstatsError):
    """A field holds something that its column does not allow."""


class NarrativeError(FfstatsError):
    """A number typed into the report's narrative, or a role there that stands for nothing."""


class NotebookFailed(FfstatsError):
    """A notebook failed: the text names the notebook, the cell, the parameters and the error."""


class NulByteError(FfstatsError):
    """A file holds a NUL byte."""


class NumberError(FfstatsError):
    """A derived number was recorded under a name that is taken or not one, or with an unknown source."""


class PaperError(FfstatsError):
    """A document cannot be set; the text is what the typesetter says."""


class PipelineError(FfstatsError):
    """The pipeline was asked for something it does not have, or a step of it failed."""


class PlaceError(FfstatsError):
    """A name or a code is not that of a known country, region, theatre or place."""


class PrintedError(FfstatsError):
    """A printed text states no number, several, or one that cannot be decided; `choices` lists the candidates."""

    def __init__(self, text: object, reason: str, choices: Sequence[str] = ()) -> None:
        self.text, self.reason, self.choices = text, reason, tuple(choices)
        shown = ascii(text) if not isinstance(text, str) or not text.isprintable() else repr(text)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
        listed = f" (choices: {'; '.join(self.choices)})" if self.choices else ""
        super().__init__(f"{shown}: {reason}{listed}")


class ProseError(FfstatsError):
    """A number in the project's own prose is bound to nothing; the text lists each with its place."""


class RawDataError(FfstatsError):
    """The raw data have problems; all of them are listed, and nothing was written."""

    def __init__(self, problems: Sequence[FfstatsError]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        lines = [f"{type(p).__name__}: {p}" for p in self.problems]
        super().__init__("\n".join([f"{head} in the raw data; nothing was written.", *lines]))


class RelationError(FfstatsError):
    """The relations between numbers have problems; all of them are listed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n".join([f"{head} in the relations; nothing was solved.", *self.problems]))


class ReplayError(FfstatsError):
    """There is nothing to compare a rerun with."""


class ReviewError(FfstatsError):
    """A clean copy cannot be made, or the rerun in it failed; the text ends with its log."""


class RowLengthError(FfstatsError):
    """A row has more or fewer fields than the header, or its quotation marks do not match."""


class SolverError(FfstatsError):
    """The linear solver gave no verdict."""


class SweepError(FfstatsError):
    """A sweep was asked for that cannot be made; everything that is wrong with it is listed."""


class TeachError(FfstatsError):
    """A lesson, its key or its release cannot be made or read; everything that is wrong with it is listed."""


class TidyError(FfstatsError):
    """A tidy table breaks its own schema; every failure is listed."""


class UnknownParameter(FfstatsError):
    """A notebook was given a parameter that it does not declare; the text lists those it has."""


class UnknownSourceError(FfstatsError):
    """A folder or a row names a source that the registry does not hold."""
