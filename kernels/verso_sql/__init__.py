"""The SQL kernel: DuckDB in memory by default, other databases through SQLAlchemy."""
