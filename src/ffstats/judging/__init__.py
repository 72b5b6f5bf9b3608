"""How a claim is judged: entries of the ledger, agreement of figures, reasons in words, pairs of claims."""
