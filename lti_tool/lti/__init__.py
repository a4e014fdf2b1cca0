"""LTI 1.3 Advantage: what platforms send in, and how the tool speaks to their services."""
