"""The demo workspace: filling it and serving it."""

import re
import subprocess

from .waiting import wait_until

MEMBERS, DAYS = 500, 30
FILL_SECONDS = 60


def demo(hearth, *options, **how):
    """Begins the command on this data."""
    return hearth.begin("demo", "--members", MEMBERS, "--days", DAYS, "--listen", f"127.0.0.1:{hearth.port}", *options, **how)


def fill(hearth):
    """Fills the directory; returns the numbers of members and events that the program tells."""
    done = demo(hearth, "--fill-only", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = done.communicate(timeout=FILL_SECONDS)
    assert done.returncode == 0, errors
    told = re.search(r"^([\d,]+) members and ([\d,]+) events are in$", output, re.MULTILINE)
    assert told, output
    return [int(number.replace(",", "")) for number in told.groups()]


def serve(hearth, *options):
    """Serves the demo; returns the e-mail address and password that it prints."""
    with open(hearth.stdout, "ab") as stdout, open(hearth.stderr, "ab") as stderr:
        hearth.process = demo(hearth, *options, stdout=stdout, stderr=stderr)
    hearth.wait_until_ready()

    def login():
        text = hearth.stdout.read_text()
        found = re.findall(r"sign in as (\S+) with password (\S+)", text)
        return found[-1] if found and hearth.url in text else None

    return wait_until(login, 60, "the URL and the login")
