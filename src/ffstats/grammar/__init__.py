"""How printed numbers are worded: words, digits, ranges, sums and qualifiers, in the languages of the data."""
