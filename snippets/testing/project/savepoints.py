from sqlalchemy import event


def begin_before_savepoints(engine):
    """Let SQLite begin a transaction before the first savepoint in it."""

    @event.listens_for(engine.sync_engine, "connect")
    def begin_nothing_unasked(connection, _):
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN")
