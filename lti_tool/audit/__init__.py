"""Who read or changed what: an append-only record of opaque ids, never of names."""
