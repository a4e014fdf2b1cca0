"""Evidence tasks: what participants hand in, and how trainers assess it."""
