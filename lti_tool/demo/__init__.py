"""A small LMS to try the tool with: a true second party that shares no code with it."""
