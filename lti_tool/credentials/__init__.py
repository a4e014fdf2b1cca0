"""What people carry away and others check: Open Badges of certified levels, and the entries of paper records."""
