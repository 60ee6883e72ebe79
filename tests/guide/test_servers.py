"""A database server that does not start, or stops, is named in one line, and then nothing is recorded."""

import os
import socket
import tempfile
from pathlib import Path

import psutil
import pytest

from guide.plugin import check_space
from guide.servers import MariaDB, PostgreSQL, ServerFault, data_folder_of, has_mariadb, started_mariadb
from tests.guide.tiny import AFTER_PY, ON_ANY_DRIVER, change

OUTCOMES = "snippets/matrix.csv"


def test_a_postgresql_that_is_killed_is_named(testrun_uid):
    server = PostgreSQL(f"{testrun_uid}-killed-{os.getpid()}")
    try:
        psutil.Process(server._server.get_pid()).kill()
        with (
            pytest.raises(ServerFault, match="^PostgreSQL stopped in the middle of the run: "),
            server.empty_database("x"),
        ):
            pass
    finally:
        server.close()


def test_a_data_folder_that_is_left_over_is_named(testrun_uid):
    run = f"{testrun_uid}-left-{os.getpid()}"
    (data_folder_of(run) / "base").mkdir(parents=True)
    with pytest.raises(ServerFault, match="^PostgreSQL does not start: initdb failed; "):
        PostgreSQL(run)
    assert not data_folder_of(run).exists()


def test_a_port_that_is_taken_is_named():
    if not has_mariadb():
        pytest.skip("no MariaDB on this machine")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = (
            "^MariaDB does not start: Can't start server: Bind on TCP/IP port. Got error: 98: Address already in use"
        )
        with pytest.raises(ServerFault, match=message), started_mariadb(taken.getsockname()[1]):
            pass


def test_a_mariadb_that_does_not_answer_is_named(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("MARIADB_URL", f"mysql://root@127.0.0.1:{port}")
    with pytest.raises(ServerFault, match=r"^no MariaDB answers at 127\.0\.0\.1: "):
        MariaDB("")


def test_a_full_disk_is_named():
    with pytest.raises(OSError, match="is full$"):
        check_space(Path(tempfile.gettempdir()), 1 << 60)


def test_a_fault_ends_the_run_and_nothing_is_recorded(a_tiny_project, run_tests_on):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    change(r"numbers = ", ON_ANY_DRIVER + "numbers = ", a_tiny_project.root / AFTER_PY)
    change("IndexError", "KeyError", a_tiny_project.root / OUTCOMES)
    before = (a_tiny_project.root / OUTCOMES).read_text()
    url = f"mysql://root@127.0.0.1:{port}"
    done = run_tests_on(a_tiny_project, "--mariadb", "--record", "snippets/", MARIADB_URL=url)
    assert done.returncode != 0
    assert "no MariaDB answers at 127.0.0.1: " in done.stdout
    assert (a_tiny_project.root / OUTCOMES).read_text() == before


@pytest.mark.parametrize(("environ", "status"), [({}, 0), ({"CI": "true"}, 4)])
def test_without_mariadb_its_rows_stay_but_ci_fails(
    a_tiny_project, recorded_tiny, run_tests_on, tmp_path, environ, status
):
    """On a machine whose programs are Python and what it needs alone."""
    done = run_tests_on(a_tiny_project, "--mariadb", "--record", "snippets/", PATH=str(tmp_path), **environ)
    assert done.returncode == status, done.stdout
    assert "no MariaDB on this machine: install Debian's package mariadb-server" in done.stdout + done.stderr
    assert (a_tiny_project.root / OUTCOMES).read_text() == (recorded_tiny.root / OUTCOMES).read_text()
