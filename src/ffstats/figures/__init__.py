"""The figures: one module a section, one function a figure, one theme for all."""
