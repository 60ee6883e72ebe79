"""What is pasted and typed into the search, and the pages that answer it: any of them."""

# What recordings say, with other names, addresses and links, whole or in part; and the pages that show that message.
MESSAGES = [
    (
        "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call "
        "await_only() here. Was IO attempted in an unexpected place? (Background on this error "
        "at: https://sqlalche.me/e/20/xd2s)",
        "errors/xd2s causes/lazy-relationship",
    ),
    ("greenlet_spawn has not been called; can't call await_() here", "errors/xd2s causes/lazy-relationship"),
    (
        "sqlalchemy.exc.StatementError: (sqlalchemy.exc.MissingGreenlet) greenlet_spawn has not "
        "been called; can't call await_() here. Was IO attempted in an unexpected place? [SQL: "
        "SELECT companies.id, companies.name FROM companies WHERE companies.id = $1::INTEGER] "
        "[parameters: [{'pk_1': 7}]] (Background on this error at: https://sqlalche.me/e/21/xd2s)",
        "errors/xd2s causes/lazy-relationship",
    ),
    ("Was IO attempted in an unexpected place?", "errors/xd2s causes/lazy-relationship"),
    (
        "MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.",
        "errors/xd2s causes/lazy-relationship",
    ),
    ("https://sqlalche.me/e/20/xd2s", "errors/xd2s"),
    (
        "sqlalchemy.orm.exc.DetachedInstanceError: Parent instance <Invoice at 0x7f1c2a9d3e50> "
        "is not bound to a Session; lazy load operation of attribute 'customer' cannot proceed "
        "(Background on this error at: https://sqlalche.me/e/20/bhk3)",
        "lookalikes/detached-instance errors/bhk3",
    ),
    (
        "Instance <Order at 0x10a3b2c40> is not bound to a Session; attribute refresh operation cannot proceed",
        "lookalikes/detached-instance errors/bhk3",
    ),
    ("is not bound to a Session; lazy load operation of attribute", "lookalikes/detached-instance errors/bhk3"),
    ("AttributeError: 'coroutine' object has no attribute 'scalars'", "lookalikes/missing-await"),
    ("AttributeError: 'coroutine' object has no attribute 'first'", "lookalikes/missing-await"),
    ("'coroutine' object has no attribute 'all'", "lookalikes/missing-await"),
    ("TypeError: object ChunkedIteratorResult can't be used in 'await' expression", "lookalikes/extra-await"),
    ("object NoneType can't be used in 'await' expression", "lookalikes/extra-await"),
    (
        "app/crud.py:27: RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
        "lookalikes/commit-not-awaited",
    ),
    (
        "RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited RuntimeWarning: "
        "Enable tracemalloc to get the object allocation traceback",
        "lookalikes/commit-not-awaited",
    ),
    ("SyntaxError: 'await' outside async function", "lookalikes/await-outside-async"),
    (
        "TypeError: 'AsyncSession' object does not support the context manager protocol",
        "lookalikes/sync-with-statement",
    ),
    (
        "'_AsyncGeneratorContextManager' object does not support the context manager protocol",
        "lookalikes/sync-with-statement",
    ),
    ("AttributeError: 'AsyncSession' object has no attribute 'query'", "lookalikes/session-query"),
    ("'AsyncSession' object has no attribute 'exec'. Did you mean: 'execute'?", "lookalikes/session-query"),
    (
        "NotImplementedError: asynchronous events are not implemented at this time.  Apply "
        "synchronous listeners to the AsyncEngine.sync_engine or AsyncConnection.sync_connection "
        "attributes.",
        "lookalikes/async-event-listener",
    ),
    (
        "sqlalchemy.exc.InvalidRequestError: No such event 'after_commit' for target '<class "
        "'sqlalchemy.ext.asyncio.session.AsyncSession'>'",
        "lookalikes/async-event-listener",
    ),
    (
        "sqlalchemy.exc.InvalidRequestError: 'Invoice.lines' is not available due to lazy='raise'",
        "lookalikes/lazy-raise",
    ),
    ("is not available due to lazy='raise_on_sql'", "lookalikes/lazy-raise techniques/fail-early"),
    (
        "sqlalchemy.exc.InvalidRequestError: The unique() method must be invoked on this Result, "
        "as it contains results that include joined eager loads against collections",
        "lookalikes/unique-required",
    ),
    (
        "sqlalchemy.exc.PendingRollbackError: This Session's transaction has been rolled back "
        "due to a previous exception during flush. To begin a new transaction with this Session, "
        "first issue Session.rollback(). Original exception was: "
        "(sqlalchemy.dialects.postgresql.asyncpg.IntegrityError) <class "
        "'asyncpg.exceptions.UniqueViolationError'>: duplicate key value violates unique "
        'constraint "customers_email_key" (Background on this error at: '
        "https://sqlalche.me/e/20/7s2a)",
        "lookalikes/pending-rollback errors/7s2a",
    ),
    (
        "This Session's transaction has been rolled back due to a previous exception during flush.",
        "lookalikes/pending-rollback errors/7s2a",
    ),
    (
        "sqlalchemy.exc.PendingRollbackError: Can't reconnect until invalid transaction is "
        "rolled back.  Please rollback() fully before proceeding (Background on this error at: "
        "https://sqlalche.me/e/20/8s2b)",
        "lookalikes/cancelled-task errors/8s2b",
    ),
    ("Can't reconnect until invalid transaction is rolled back", "lookalikes/cancelled-task errors/8s2b"),
    (
        "sqlalchemy.exc.IllegalStateChangeError: Method 'close()' can't be called here; method "
        "'_connection_for_bind()' is already in progress and this would cause an unexpected "
        "state change to <SessionTransactionState.CLOSED: 5> (Background on this error at: "
        "https://sqlalche.me/e/20/isce)",
        "lookalikes/concurrent-session errors/isce",
    ),
    (
        "This session is provisioning a new connection; concurrent operations are not permitted",
        "lookalikes/concurrent-session errors/isce",
    ),
    (
        "sqlalchemy.exc.InvalidRequestError: Session is already flushing",
        "lookalikes/concurrent-session errors/isce",
    ),
    (
        "sqlalchemy.exc.InterfaceError: (sqlalchemy.dialects.postgresql.asyncpg.InterfaceError) "
        "<class 'asyncpg.exceptions._base.InterfaceError'>: cannot perform operation: another "
        "operation is in progress (Background on this error at: https://sqlalche.me/e/20/rvf5)",
        "lookalikes/another-operation",
    ),
    ("cannot perform operation: another operation is in progress", "lookalikes/another-operation"),
    (
        "RuntimeError: Task <Task pending name='Task-9' coro=<RequestResponseCycle.run_asgi() "
        "running at "
        "/usr/lib/python3.12/site-packages/uvicorn/protocols/http/httptools_impl.py:409> "
        "cb=[set.discard()]> got Future <Future pending "
        "cb=[BaseProtocol._on_waiter_completed()]> attached to a different loop",
        "lookalikes/different-loop lookalikes/celery-task",
    ),
    (
        "got Future <Future pending> attached to a different loop",
        "lookalikes/different-loop lookalikes/celery-task",
    ),
    ("RuntimeError: Event loop is closed", "lookalikes/event-loop-closed"),
    (
        "sqlalchemy.exc.InvalidRequestError: The asyncio extension requires an async driver to "
        "be used. The loaded 'psycopg2' is not async.",
        "lookalikes/sync-driver",
    ),
    ("The loaded 'pymysql' is not async", "lookalikes/sync-driver"),
    (
        "sqlalchemy.exc.AwaitRequired: The current operation required an async execution but "
        "none was detected. This will usually happen when using a non compatible DBAPI driver. "
        "Please ensure that an async DBAPI is used. (Background on this error at: "
        "https://sqlalche.me/e/20/xd1r)",
        "lookalikes/await-required errors/xd1r",
    ),
    (
        "TypeError: 'Session' object does not support the asynchronous context manager protocol",
        "lookalikes/sessionmaker-class",
    ),
    (
        "sqlalchemy.exc.ArgumentError: AsyncEngine expected, got Engine(postgresql+asyncpg://app:***@db:5432/shop)",
        "lookalikes/sessionmaker-class",
    ),
    (
        "AttributeError: 'AsyncEngine' object has no attribute '_run_ddl_visitor'",
        "lookalikes/create-all-async-engine",
    ),
    (
        "sqlalchemy.exc.NoInspectionAvailable: Inspection on an AsyncEngine is currently not "
        "supported. Please obtain a connection then use ``conn.run_sync`` to pass a callable "
        "where it's possible to call ``inspect`` on the passed connection. (Background on this "
        "error at: https://sqlalche.me/e/20/xd3s)",
        "lookalikes/no-inspection-available errors/xd3s",
    ),
    (
        "Inspection on an AsyncConnection is currently not supported",
        "lookalikes/no-inspection-available errors/xd3s",
    ),
    (
        "The garbage collector is trying to clean up non-checked-in connection "
        "<AdaptedConnection <asyncpg.connection.Connection object at 0x7f88a4c1d3f0>>, which "
        "will be terminated.  Please ensure that SQLAlchemy pooled connections are returned to "
        "the pool explicitly, either by calling ``close()`` or by using appropriate context "
        "managers to manage their lifecycle.",
        "lookalikes/connection-not-returned lookalikes/event-loop-closed",
    ),
    (
        "ValueError: the greenlet library is required to use this function. No module named 'greenlet'",
        "lookalikes/greenlet-not-installed",
    ),
    ("No module named 'greenlet'", "lookalikes/greenlet-not-installed"),
    (
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for CustomerOut "
        "company Error extracting attribute: MissingGreenlet: greenlet_spawn has not been "
        "called; can't call await_only() here. Was IO attempted in an unexpected place? "
        "(Background on this error at: https://sqlalche.me/e/20/xd2s) [type=get_attribute_error, "
        "input_value=<models.Customer object at 0x7f2b1c3d4e5f>, input_type=Customer] For "
        "further information visit https://errors.pydantic.dev/2.11/v/get_attribute_error",
        "causes/pydantic-from-attributes",
    ),
    (
        "fastapi.exceptions.ResponseValidationError: 1 validation errors: {'type': "
        "'get_attribute_error', 'loc': ('response', 'orders'), 'msg': \"Error extracting "
        "attribute: MissingGreenlet: greenlet_spawn has not been called; can't call await_only() "
        "here. Was IO attempted in an unexpected place?",
        "causes/fastapi-response",
    ),
    (
        "Exception closing connection <AdaptedConnection <asyncpg.connection.Connection object at 0x7fd3c0a1b2c0>>",
        "causes/dispose-outside-greenlet",
    ),
    (
        "UserWarning: pandas only supports SQLAlchemy connectable (engine/connection) or "
        "database string URI or sqlite3 DBAPI2 connection. Other DBAPI2 objects are not tested. "
        "Please consider using SQLAlchemy.",
        "causes/pandas-read-sql",
    ),
    (
        "Attribute Customer.orders can't load the existing state from the database for this "
        "operation; full iteration is not permitted.",
        "techniques/write-only",
    ),
    (
        "AsyncConnection context has not been started and object has not been awaited.",
        "lookalikes/sessionmaker-class",
    ),
]
# What people type, and the pages that answer it.
PHRASES = {
    "en": [
        ("expire_on_commit", "techniques/expire-on-commit"),
        ("xd2s", "errors/xd2s"),
        ("await_only", "errors/xd2s how-it-works"),
        ("selectinload", "techniques/eager-loading"),
        ("joinedload", "techniques/eager-loading lookalikes/unique-required causes/lazy-relationship"),
        ("bhk3", "errors/bhk3"),
        ("awaitable_attrs", "techniques/async-attrs"),
        ("AsyncAttrs", "techniques/async-attrs"),
        ("run_sync", "techniques/run-sync"),
        ("eager_defaults", "techniques/eager-defaults"),
        ("WriteOnlyMapped", "techniques/write-only"),
        ('lazy="raise"', "lookalikes/lazy-raise techniques/fail-early"),
        ("greenlet_spawn", "how-it-works errors/xd2s"),
        ("_emit_lazyload", "causes/lazy-relationship errors/xd2s"),
        ("PendingRollbackError", "errors/7s2a lookalikes/pending-rollback"),
        ("read_sql", "causes/pandas-read-sql"),
        ("model_validate", "causes/pydantic-from-attributes"),
        ("column_property", "causes/column-property"),
        ("onupdate", "causes/onupdate-column"),
        ("lazy loading after commit", "causes/expired-after-commit techniques/expire-on-commit"),
        ("object expired after commit", "causes/expired-after-commit"),
        ("session in celery task", "lookalikes/celery-task"),
        ("alembic async migration", "causes/alembic-env"),
        ("fastapi response model relationship", "causes/fastapi-response"),
        ("access relationship after session closed", "lookalikes/detached-instance"),
        ("one session shared by gather", "lookalikes/concurrent-session techniques/session-per-task"),
        ("asyncio.gather same session", "lookalikes/concurrent-session techniques/session-per-task"),
        ("how to load a relationship in async sqlalchemy", "techniques/eager-loading causes/lazy-relationship"),
        ("forgot await", "lookalikes/missing-await"),
        ("commit not saved no error", "lookalikes/commit-not-awaited"),
        ("read attribute after rollback", "causes/expired-after-rollback"),
        ("refresh relationship", "causes/refresh-relationship techniques/refresh"),
        ("append to collection", "causes/collection-mutation"),
        ("jinja2 template relationship", "causes/template-rendering"),
        ("nested relationship", "causes/nested-relationship"),
        ("tree children recursive", "causes/self-referential-depth"),
        ("created_at server default", "causes/server-default"),
        ("create_all async engine", "lookalikes/create-all-async-engine causes/schema-operations"),
        ("inspect async engine", "lookalikes/no-inspection-available"),
        ("psycopg2 with create_async_engine", "lookalikes/sync-driver"),
        ("asyncpg with create_engine", "causes/sync-engine-async-driver"),
        ("pytest event loop closed", "lookalikes/event-loop-closed"),
        ("dynamic relationship", "causes/dynamic-relationship"),
        ("deferred column", "causes/deferred-column"),
        ("repr in logging", "causes/repr-and-logging"),
        ("graphql strawberry resolver", "causes/graphql-resolver"),
        ("works for some rows only", "causes/identity-map"),
        ("thread pool to_thread", "causes/worker-thread"),
        ("what is a greenlet", "how-it-works glossary"),
        ("sqlmodel relationship", "causes/sqlmodel-relationship"),
        ("sqladmin", "causes/sqladmin-view"),
        ("bulk update returning stale", "causes/bulk-update"),
        ("catch MissingGreenlet", "techniques/catching lookalikes/except-missing-greenlet"),
        ("which attribute was it", "techniques/name-the-attribute"),
        ("disable lazy loading everywhere", "techniques/fail-early techniques/lazy-parameter"),
        ("merge detached object", "causes/merge-result"),
        ("joined inheritance subclass column", "causes/polymorphic-column"),
        ("hybrid property relationship", "causes/model-property"),
        ("timeout cancelled transaction", "lookalikes/cancelled-task"),
        ("connection pool exhausted session not closed", "lookalikes/connection-not-returned"),
        ("session.query async", "lookalikes/session-query"),
        ("missing greenlet", "errors/xd2s"),
        ("detached instance error", "errors/bhk3 lookalikes/detached-instance"),
        ("expire on commit false", "techniques/expire-on-commit"),
        ("selectinl", "techniques/eager-loading"),
    ],
    "ja": [
        ("遅延ロード", "causes/lazy-relationship techniques/fail-early glossary"),
        ("コミット後", "causes/expired-after-commit"),
        ("await 忘れ", "lookalikes/missing-await"),
        ("await忘れ", "lookalikes/missing-await"),
        ("expire_on_commit", "techniques/expire-on-commit"),
        ("xd2s", "errors/xd2s"),
        ("await_only", "errors/xd2s how-it-works"),
        ("selectinload", "techniques/eager-loading"),
        ("ロールバック後", "causes/expired-after-rollback"),
        ("イーガーロード", "techniques/eager-loading"),
        ("セッションを閉じた後", "lookalikes/detached-instance"),
        ("非同期ドライバー", "causes/sync-engine-async-driver"),
        ("同期ドライバー", "lookalikes/sync-driver"),
        ("リレーションシップが読めない", "causes/lazy-relationship"),
        ("新しいオブジェクト", "causes/new-object-relationship"),
        ("更新日時 onupdate", "causes/onupdate-column"),
        ("テンプレート", "causes/template-rendering"),
        ("レスポンスモデル", "causes/fastapi-response"),
        ("イベントループが閉じている", "lookalikes/event-loop-closed"),
        ("別のイベントループ", "lookalikes/different-loop lookalikes/celery-task"),
        ("Celery タスク", "lookalikes/celery-task"),
        ("ワーカースレッド", "causes/worker-thread"),
        ("複数のタスクで同じセッション", "lookalikes/concurrent-session techniques/session-per-task"),
        ("コレクションに追加", "causes/collection-mutation"),
        ("遅延ロードを禁止", "techniques/fail-early"),
        ("属性名を表示", "techniques/name-the-attribute"),
        ("タイムアウト キャンセル", "lookalikes/cancelled-task"),
        ("接続が返されない", "lookalikes/connection-not-returned"),
        ("イベントリスナー", "lookalikes/async-event-listener"),
        ("サーバー側のデフォルト", "causes/server-default"),
        ("マイグレーション Alembic", "causes/alembic-env"),
        ("再帰 ツリー 深さ", "causes/self-referential-depth"),
        ("サブクラスの列", "causes/polymorphic-column"),
        ("ログ出力 repr", "causes/repr-and-logging"),
        ("MissingGreenletとは", "errors/xd2s how-it-works"),
        ("greenletがない", "lookalikes/greenlet-not-installed"),
        ("コミットしても保存されない", "lookalikes/commit-not-awaited"),
        ("N+1問題", "techniques/eager-loading glossary"),
        ("MissingGreenletを捕捉", "techniques/catching lookalikes/except-missing-greenlet"),
        ("同期関数を実行", "techniques/run-sync"),
        ("用語集", "glossary"),
        ("仕組み", "how-it-works"),
        ("大きなコレクション", "techniques/write-only"),
        ("再読み込み", "techniques/refresh causes/refresh-cascade causes/refresh-relationship"),
        ("joinしただけ", "causes/join-not-eager"),
        ("アイデンティティマップ", "causes/identity-map glossary"),
        ("SQL式を代入", "causes/sql-expression-value"),
        ("pandas", "causes/pandas-read-sql"),
        ("セッションから切り離された", "lookalikes/detached-instance glossary errors/bhk3"),
        ("withで開いた", "lookalikes/sync-with-statement"),
    ],
}
