"""How every table is laid out: title above, columns under plain names, notes and source line below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from great_tables import GT

from ffstats.drawn import Drawn
from ffstats.figures.alt import count, listed
from ffstats.figures.theme import FONT
from ffstats.files import slug


def made(
    frame: pd.DataFrame,
    title: str,
    subtitle: str,
    columns: Mapping[str, str],
    line: str,
    sources: Iterable[str],
    group: str | None = None,
    notes: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> Drawn:
    """Lay out the columns of a frame, in order and under their titles, with its notes and source line."""
    shown = frame[[*([group] if group else []), *columns]].reset_index(drop=True)
    table = (
        GT(shown.astype(object), groupname_col=group, id=f"table-{slug(title)}")
        .tab_header(title=title, subtitle=subtitle)
        .cols_label(dict(columns))
        .cols_align("left", columns=[name for name in columns if name not in numbers])
        .sub_missing(missing_text="–")
        .tab_options(
            table_font_names=FONT.split(", "),
            table_font_size="13px",
            heading_align="left",
            row_group_font_weight="bold",
            data_row_padding="4px",
            table_width="100%",
        )
    )
    # Cell by cell, strings of pandas are slow to write; nothing else is said of the body than what is in it.
    table._body.body = table._body.body.astype(object)
    if numbers:
        table = table.cols_align("right", columns=list(numbers))
    for note in (*notes, line):
        table = table.tab_source_note(note)
    spoken = [
        ", ".join(
            f"{columns[str(name)].lower()} {value}"
            for name, value in row.items()
            if name != group and value not in ("", None)
        )
        for row in shown.head(8).to_dict("records")
    ]
    return Drawn(
        table,
        shown,
        f"{title}. Table of {count(len(shown), 'row')} with {', '.join(columns.values()).lower()}. {listed(spoken, 8)}"
        + (f"; and {len(shown) - 8} more rows." if len(shown) > 8 else "."),
        " ".join([subtitle.rstrip(".") + ".", *notes, line]),
        tuple(sorted(set(sources))),
    )


def plain(term: str) -> str:
    """Return a controlled term as words.

    >>> plain("sunni_militant_groups")
    'sunni militant groups'
    """
    return term.replace("_", " ")
