"""Who enters without an LMS: people with a password, and programs with a token."""
