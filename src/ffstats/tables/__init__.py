"""The tables: one function a table, tidy data in, a Great Table and its data out."""
