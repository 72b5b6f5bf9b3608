"""Write the regular number words into src/ffstats/vocabulary/number_words.csv; rows kept by hand stay.

Run when a language is added: python tools/number_words.py. Needs num2words, a development dependency.
"""

from __future__ import annotations

import csv
from pathlib import Path

from num2words import num2words

TABLE = Path(__file__).parents[1] / "src/ffstats/vocabulary/number_words.csv"
FIELDS = ("language", "words", "value", "role", "origin")
COVERED = [
    "en",
    "fr",
    "de",
    "es",
    "it",
    "nl",
    "sv",
    "da",
    "no",
    "fi",
    "ru",
    "sr",
    "ar",
    "tr",
    "id",
    "az",
    "pt",
    "pl",
]
HUNDREDS = range(100, 1000, 100)

#: Languages that num2words lacks: units, teens and tens as they are printed, tens and units joined by a word.
UNCOVERED = {
    "bg": {
        "joiner": "и",
        "units": ["нула", "едно", "две", "три", "четири", "пет", "шест", "седем", "осем", "девет"],
        "teens": [
            "десет",
            "единадесет",
            "дванадесет",
            "тринадесет",
            "четиринадесет",
            "петнадесет",
            "шестнадесет",
            "седемнадесет",
            "осемнадесет",
            "деветнадесет",
        ],
        "tens": [
            "двадесет",
            "тридесет",
            "четиридесет",
            "петдесет",
            "шестдесет",
            "седемдесет",
            "осемдесет",
            "деветдесет",
        ],
        "hundreds": [
            "сто",
            "двеста",
            "триста",
            "четиристотин",
            "петстотин",
            "шестстотин",
            "седемстотин",
            "осемстотин",
            "деветстотин",
        ],
    },
    "mk": {
        "joiner": "и",
        "units": ["нула", "едно", "две", "три", "четири", "пет", "шест", "седум", "осум", "девет"],
        "teens": [
            "десет",
            "единаесет",
            "дванаесет",
            "тринаесет",
            "четиринаесет",
            "петнаесет",
            "шеснаесет",
            "седумнаесет",
            "осумнаесет",
            "деветнаесет",
        ],
        "tens": [
            "дваесет",
            "триесет",
            "четириесет",
            "педесет",
            "шеесет",
            "седумдесет",
            "осумдесет",
            "деведесет",
        ],
        "hundreds": [
            "сто",
            "двесте",
            "триста",
            "четиристотини",
            "петстотини",
            "шестотини",
            "седумстотини",
            "осумстотини",
            "деветстотини",
        ],
    },
    "sq": {
        "joiner": "e",
        "units": ["zero", "një", "dy", "tre", "katër", "pesë", "gjashtë", "shtatë", "tetë", "nëntë"],
        "teens": [
            "dhjetë",
            "njëmbëdhjetë",
            "dymbëdhjetë",
            "trembëdhjetë",
            "katërmbëdhjetë",
            "pesëmbëdhjetë",
            "gjashtëmbëdhjetë",
            "shtatëmbëdhjetë",
            "tetëmbëdhjetë",
            "nëntëmbëdhjetë",
        ],
        "tens": [
            "njëzet",
            "tridhjetë",
            "dyzet",
            "pesëdhjetë",
            "gjashtëdhjetë",
            "shtatëdhjetë",
            "tetëdhjetë",
            "nëntëdhjetë",
        ],
        "hundreds": [
            "njëqind",
            "dyqind",
            "treqind",
            "katërqind",
            "pesëqind",
            "gjashtëqind",
            "shtatëqind",
            "tetëqind",
            "nëntëqind",
        ],
    },
}


def generated() -> list[dict[str, str]]:
    """Return one row for each word of 0 to 99 and each hundred, in every language."""
    rows = []
    for language in COVERED:
        for number in (*range(100), *HUNDREDS):
            rows.append((language, num2words(number, lang=language), number, "num2words"))
    for language, words in UNCOVERED.items():
        for number in range(100):
            tens, unit = divmod(number, 10)
            small = [*words["units"], *words["teens"]]
            written = small[number] if number < 20 else words["tens"][tens - 2]
            if number >= 20 and unit:
                written = f"{written} {words['joiner']} {words['units'][unit]}"
            rows.append((language, written, number, "rule"))
        rows += [(language, word, 100 * n, "rule") for n, word in enumerate(words["hundreds"], 1)]
    return [
        {"language": language, "words": words, "value": str(number), "role": "number", "origin": origin}
        for language, words, number, origin in rows
    ]


def main() -> None:
    """Replace the generated rows of the table, keeping those kept by hand."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        kept = [row for row in csv.DictReader(file) if row["origin"] == "hand"]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *generated()])


if __name__ == "__main__":
    main()
