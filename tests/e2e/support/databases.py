"""Databases of the tests: a file in the data directory, or a PostgreSQL database of each test's own."""

import os
import secrets
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

SERVER = os.environ.get("HEARTH_TEST_POSTGRES_URL", "")
IS_REQUIRED = os.environ.get("HEARTH_TEST_REQUIRE_POSTGRES") == "1"


def create_postgres():
    """Makes an empty database on the test server; returns its URL."""
    name = f"hearth_e2e_{secrets.token_hex(6)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


def drop_postgres(url):
    """Removes a database that `create_postgres` made, with whoever is still connected."""
    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def connected(data, url):
    """Gives a function that runs a query on the database and returns its rows. Nothing can be written."""
    if url is None:
        file = Path(data) / "hearth.db"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
        connection.execute("PRAGMA query_only = ON")
    else:
        connection = psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=on")
    try:
        yield lambda sql: connection.execute(sql).fetchall()
    finally:
        connection.close()
