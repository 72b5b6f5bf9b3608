"""How the books are balanced: relations between printed numbers, posed and solved as linear programmes."""
