"""Tables of what the three texts say: relocation, one number for two populations, every number's verdict."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import pick, relocators
from ffstats.figures.alt import SEEN, said_by, words
from ffstats.figures.theme import look
from ffstats.tables.layout import made, plain

RELOCATION = (*relocators.MOVED, "c012", "c013", *relocators.CAUCASUS)
SAME_NUMBER = ("c021", "c040", "c075")


def _chains(
    claims: pd.DataFrame,
    evidence: pd.DataFrame,
    ids: Sequence[str],
    choice: Choice,
    title: str,
    subtitle: str,
) -> Drawn:
    paraphrase = claims.set_index("claim_id")["paraphrase"]
    headings = {name: f"{paraphrase[name]} ({name})" for name in ids}
    frame = pick.chain(claims, evidence, headings, choice)
    frame = frame.assign(
        value=words(frame),
        who=[plain(text) for text in frame["who"]],
        status=[look("status", text, "label") for text in frame["status"]],
        seen=[
            ("the text itself" if key == "text" else SEEN[seen])
            for key, seen in zip(frame["key"], frame["seen_kind"], strict=True)
        ],
        cited=[row.cited_source if row.key == "text" else row.locator for row in each(frame)],
    )
    frame = frame.fillna({"cited": "", "printed": ""})
    columns = {
        "label": "Said by",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "status": "Status",
        "origin": "From",
        "cited": "Cites, or stands in",
        "seen": "Seen in",
    }
    texts = sorted(set(claims.loc[claims["claim_id"].isin(list(ids)), "text"]))
    return made(frame, title, subtitle, columns, said_by([], texts), ["texts"], "part")


def relocation(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the article's figures of relocation, each with the evidence seen for it."""
    return _chains(
        claims,
        evidence,
        RELOCATION,
        choice,
        title,
        "Each claim as printed, then what was seen of its source or of others",
    )


def two_populations(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the number that the texts use for two populations, with who and what each use counts."""
    return _chains(
        claims,
        evidence,
        SAME_NUMBER,
        choice,
        title,
        "The same numeral for persons moved to other theatres and for persons returned home",
    )


def numbers(verdicts: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out every number of the three texts with its verdict, flags and the reason."""
    frame = verdicts.assign(
        by=[look("text", name, "label") for name in verdicts["text"]],
        state=[look("verdict", name, "label") for name in verdicts["verdict"]],
        flags=[text.replace(" ", ", ") for text in verdicts["flags"]],
    )
    frame = frame.sort_values(["text", "claim_id"], kind="stable")
    columns = {
        "claim_id": "Claim",
        "printed": "As printed",
        "state": "Verdict",
        "flags": "Flags",
        "reason": "Why",
    }
    return made(
        frame, title, "A verdict speaks of what was seen; “not found” is not “wrong”", columns, said_by([], ["article", "news", "wapo"]),
        ["texts"], "by",
    )  # fmt: skip
