"""Makes deleted rows unreadable in the files of a database, as far as that is the tool's to do.

SQLite leaves deleted bytes in free pages and in its write-ahead log; here the file is built anew without them and the
log is emptied. PostgreSQL reuses the space by itself; its own log and backups are the operator's (docs/privacy.md).
"""

from __future__ import annotations

import structlog

from lti_tool.db.unit_of_work import SessionFactory

log = structlog.get_logger()


def scrub(sessions: SessionFactory) -> bool:
    """Builds an SQLite file anew; waits for writers. False where others kept it from being done: try again later."""
    engine = sessions.kw["bind"]
    if engine.dialect.name != "sqlite":
        return True
    # Straight to the driver: SQLAlchemy would begin a transaction, in which SQLite builds nothing anew.
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        blocked: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except engine.dialect.loaded_dbapi.OperationalError as failed:
        log.warning("database_not_scrubbed", reason=type(failed).__name__)
        return False
    finally:
        connection.close()
    return blocked == 0
