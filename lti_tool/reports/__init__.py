"""The institute as a whole: roll-ups that the worker keeps, statistics over them, and files made of tables."""
