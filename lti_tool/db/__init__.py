"""The database: base classes, column types, transactions, migrations. Knows no table."""
