"""The admin app in a browser: the flows of `web/e2e` against the program, each with a workspace of its own."""

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


def walk(flow, url, **named):
    """Runs a flow to its end; what it wrote is shown when it failed."""
    given = {f"HEARTH_{name.upper()}": value for name, value in {"app": url, **named}.items()}
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", f"e2e/{flow}.flow.mjs"],
        cwd=WEB, env={**os.environ, **given}, capture_output=True, text=True, timeout=FLOW_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


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
