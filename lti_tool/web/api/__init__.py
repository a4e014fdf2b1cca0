"""The read API: JSON for other systems of the institute, by tokens, without cookies."""
