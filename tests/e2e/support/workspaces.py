"""A second workspace in the same database, which no command makes: written where it would stand."""

import sqlite3
from pathlib import Path

import psycopg


def move_keys(hearth, name):
    """Makes another workspace, and moves the keys with this name to it. The server must not run."""
    assert hearth.process is None, "it would not read the keys anew"
    if hearth.database_url is None:
        connection = sqlite3.connect(Path(hearth.data) / "hearth.db", timeout=30)
    else:
        connection = psycopg.connect(hearth.database_url)
    try:
        [(first,)] = connection.execute("SELECT MIN(id) FROM workspaces").fetchall()
        other = first + 1
        connection.execute(f"INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ({other}, 'Other', 'UTC', 0)")
        moved = connection.execute(f"UPDATE api_keys SET workspace_id = {other} WHERE name = '{name}'").rowcount
        connection.commit()
    finally:
        connection.close()
    assert moved > 0, f"there is no key {name}"
