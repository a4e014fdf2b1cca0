"""The requirements for others: public pages, CASE documents, files for other systems."""
