"""The edge where Moodle's words become ours: its gradebook files, its web services."""
