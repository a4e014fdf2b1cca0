"""What is held about a person, given to them and taken away: it reads and deletes over the tables of all packages."""
