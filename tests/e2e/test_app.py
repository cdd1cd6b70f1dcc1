"""The admin app in a browser: the flows of `web/e2e` against the program, each with a workspace of its own, and a look at
every page."""

import os
import subprocess
from pathlib import Path

import pytest

from support.demo import fill, serve

WEB = Path(__file__).resolve().parents[2] / "web"
FLOWS = sorted(path.name.removesuffix(".flow.mjs") for path in (WEB / "e2e").glob("*.flow.mjs"))
# It begins before there is a user.
SET_UP = "set-up"
FLOW_SECONDS = 280
# A page takes a second or two.
LOOK_SECONDS = 600
VIEWS = ["light-zh-1440", "dark-en-390"]


def run(command, seconds, url, **named):
    """Runs a program of the app's to its end and returns what it printed, which is shown when it failed."""
    given = {f"HEARTH_{name.upper()}": str(value) for name, value in {"app": url, **named}.items()}
    done = subprocess.run(
        ["node", *command], cwd=WEB, env={**os.environ, **given}, capture_output=True, text=True, timeout=seconds
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def walk(flow, url, **named):
    """Goes through a flow."""
    run(["--test", "--test-reporter=spec", f"e2e/{flow}.flow.mjs"], FLOW_SECONDS, url, **named)


@pytest.mark.sqlite_only
def test_in_a_browser_from_the_printed_link_to_the_first_page(hearth):
    walk(SET_UP, hearth.url, setup=f"/setup?token={hearth.setup_token()}")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow != SET_UP])
def test_in_a_browser(new_hearth, flow):
    hearth = new_hearth()
    fill(hearth)
    email, password = serve(hearth)
    walk(flow, hearth.url, email=email, password=password)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("view", VIEWS)
def test_every_page_fits_the_screen_and_hinders_nobody(new_hearth, view, tmp_path):
    """No serious finding of axe, nothing wider than the screen, no raw key, nothing that the content policy stops."""
    hearth = new_hearth()
    fill(hearth)
    email, password = serve(hearth)
    walk("import-gbk", hearth.url, email=email, password=password)
    seen = run(["scripts/look.mjs"], LOOK_SECONDS, hearth.url, email=email, password=password, views=view, pictures=tmp_path)
    assert "there is nothing to show" not in seen, seen
