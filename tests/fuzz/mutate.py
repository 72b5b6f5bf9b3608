"""Strange inputs out of plain ones: a few changes at random places, of the kinds at which readers of text break."""

from __future__ import annotations

import random
from collections.abc import Sequence

STRANGE = (
    "\0", "\t", "\r", "\n", "\r\n", "\ufeff", "\u00a0", "\u202f", "\u2009", "\u200b", "\u200f", "\u202e", "\u2066", "\u00ad",
    "\u0301", "\ud7ff", "\ufffd", "\uffff", "\U0001f600", "\U000e0001", "٣", "٬", "۴", "४", "½", "Ⅷ", "①", "²", "−", "–", "‑", "~",
    "<script>", "</script>", "<!--", "]]>", "&#0;", "{{7*7}}", "{%", "%s", "{0}", "../", "=1+1", "@SUM(1)", "-", "+", "'", '"', '""',
    ",", ";", "|", "(", ")", "[", "]", "0", "-0", "1e999", "nan", "inf", "9" * 40, "1.000.000,00", "1,2,3,4", "0x10", "1_000", "true", "null",
)  # fmt: skip
TOO_LONG = 4096


def mutated(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    """Return an input with one to five changes; `others` are spliced in, `tokens` are put at random places."""
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 1, 1, 2, 4, 8, 32)))
        kind = chance.randrange(8)
        if kind == 0:
            data = data[:at] + data[until:]
        elif kind == 1:
            data = data[:at] + chance.choice(tokens) + data[until:]
        elif kind == 2:
            data = data[:at] + chance.choice(STRANGE).encode("utf-8", "surrogatepass") + data[until:]
        elif kind == 3:
            other = chance.choice(others)
            data = data[:at] + other[chance.randrange(len(other) + 1) :]
        elif kind == 4:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif kind == 5:
            data = data[:until] + data[at:until] * chance.choice((1, 2, 20)) + data[until:]
        elif kind == 6:
            data = data[:at] + chr(chance.choice((chance.randrange(0xD800), chance.randrange(0xE000, 0x110000)))).encode() + data[at:]
        else:
            data = data[:at] + str(chance.choice((0, 7, 10, 999, 1000, 40000, 2**63, chance.random()))).encode() + data[until:]
    return data[: TOO_LONG * 4]


def corpus_tokens(seeds: Sequence[bytes]) -> list[bytes]:
    """Return the words of some inputs, the material that changes are made of."""
    return sorted({word for seed in seeds for word in seed.replace(b",", b" ").replace(b'"', b" ").split() if len(word) < 40}) or [b"x"]
