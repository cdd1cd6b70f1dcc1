"""One Hearth: a data directory, and the real program that serves it or works on it."""

import os
import re
import secrets
import signal
import subprocess
from pathlib import Path

import requests

from .api import Api, Client, Tracker
from .databases import connected
from .ports import free_port
from .waiting import DidNotHappen, wait_until

START_SECONDS = 60
STOP_SECONDS = 60
COMMAND_SECONDS = 240
LOOPBACK = "127.0.0.1/32"
PASSWORD = "correct horse battery staple"


def program():
    """The path of the program under test."""
    named = os.environ.get("HEARTH_BIN")
    if named:
        return named
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or cache / "hearth" / "target")
    return str(target / "debug" / "hearth")


def environment():
    """The environment of the program: nothing of the machine's own settings of Hearth reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
    return {**kept, "RUST_BACKTRACE": "1"}


class Hearth:
    """A data directory with its database, and at most one server on it."""

    def __init__(self, data, database_url=None, options=()):
        self.data = Path(data)
        self.database_url = database_url
        self.options = [str(option) for option in options]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.watcher = None
        # Beside the data directory: what is not Hearth's own has no place in it.
        self.stdout = self.data.with_name(self.data.name + ".stdout")
        self.stderr = self.data.with_name(self.data.name + ".stderr")

    # The command line -----------------------------------------------------------------------

    def where(self):
        """The options that say on which data a command works."""
        return ["--data", str(self.data), *(["--database-url", self.database_url] if self.database_url else [])]

    def begin(self, *arguments, **options):
        """Starts a command on this data and returns its process."""
        command = [program(), *map(str, arguments), *self.where()]
        return subprocess.Popen(command, env=environment(), **options)

    def run(self, *arguments, stdin="", check=True):
        """Runs a command on this data to its end; returns the finished process with its output as text."""
        done = subprocess.run(
            [program(), *map(str, arguments), *self.where()],
            input=stdin, env=environment(), capture_output=True, text=True, timeout=COMMAND_SECONDS,
        )
        shown = f"hearth {' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "panicked" not in done.stderr, shown
        assert not check or done.returncode == 0, shown
        return done

    def key(self, kind, *options):
        """Makes a key on the command line; returns its secret."""
        return self.run("key", "create", "--kind", kind, *options).stdout.strip()

    # The server -----------------------------------------------------------------------------

    def start(self, *, allow_loopback=True):
        """Starts the server and waits until it is ready."""
        assert self.process is None, "it runs already"
        arguments = ["serve", "--listen", f"127.0.0.1:{self.port}", *self.options]
        if allow_loopback:
            arguments += ["--outbound-allow", LOOPBACK]
        with open(self.stdout, "ab") as stdout, open(self.stderr, "ab") as stderr:
            self.process = self.begin(*arguments, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        self.wait_until_ready()
        return self

    def wait_until_ready(self):
        def is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            try:
                return requests.get(f"{self.url}/readyz", timeout=5, proxies={"http": None}).status_code == 200
            except requests.ConnectionError:
                return False

        try:
            wait_until(is_ready, START_SECONDS, "readiness of the server")
        except DidNotHappen as failure:
            raise AssertionError(f"{failure}\n{self.tail()}") from failure

    def stop(self):
        """Asks the server to stop and waits for that; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code

    def kill(self):
        """Ends the server without a chance to tidy up, as a power cut would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        self.process = None

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def end(self):
        """Ends the server if a test left it running."""
        if self.is_running():
            self.kill()
        self.process = None

    # Looking at it --------------------------------------------------------------------------

    def api(self, key=None):
        """The REST API with this key, or with a fresh one that may do everything."""
        return Api(self.url, key or self.key("api"))

    def tracker(self, key=None):
        """The tracking API with this write key, or with a fresh one."""
        return Tracker(self.url, key or self.key("write"))

    def stranger(self):
        """Requests without credentials."""
        return Client(self.url)

    def user(self, role, email=None, password=PASSWORD):
        """Makes a user on the command line; returns the e-mail address."""
        email = email or f"{role}-{secrets.token_hex(4)}@example.com"
        self.run("user", "create", "--email", email, "--role", role, "--password-stdin", stdin=password)
        return email

    def signed_in(self, role):
        """A browser in which a fresh user with this role has signed in."""
        client = self.browser()
        client.post("/api/v1/login", {"email": self.user(role), "password": PASSWORD})
        return client

    def browser(self):
        """Requests as the server's own pages send them."""
        return Client(self.url, {"Origin": self.url, "Sec-Fetch-Site": "same-origin"})

    def query(self, sql):
        """Rows straight from the database, for what the API does not show."""
        with connected(self.data, self.database_url) as run:
            return run(sql)

    def setup_token(self):
        """The token of the newest set-up link that the server printed, or None."""
        tokens = re.findall(r"/setup\?token=(\S+)", self.stdout.read_text())
        return tokens[-1] if tokens else None

    def tail(self, lines=40):
        """The end of what the server said."""
        text = self.stderr.read_text(errors="replace") if self.stderr.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def panics(self):
        """Lines in which the server said that it panicked; there must be none, ever."""
        text = self.stderr.read_text(errors="replace") if self.stderr.exists() else ""
        return [line for line in text.splitlines() if "panicked" in line]

    def memory(self):
        """Resident memory of the server in bytes."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1_024

    def live_numbers(self):
        """The numbers of the home page, as a user sees them who has signed in."""
        if self.watcher is None:
            self.watcher = self.signed_in("owner")
        return self.watcher.get("/live")

    def wait_until_idle(self, seconds=60):
        """Waits until the pipeline has taken all that was appended, and all that it emitted as well."""

        def is_idle():
            def waiting():
                return self.live_numbers()["pipeline_waiting"]

            # Nothing waits in the log, nothing waits to get there, and nothing got there in between.
            return waiting() == 0 and self.query("SELECT COUNT(*) FROM emitted_events") == [(0,)] and waiting() == 0

        return wait_until(is_idle, seconds, "the end of the pipeline's work")

    def metrics(self):
        """All metrics, as a key sees them that may do nothing else."""
        return self.api(self.key("api", "--scope", "settings:read")).send("GET", "/metrics").text


def metric(text, name):
    """The value of a metric without labels, or None when it has not been recorded."""
    for line in text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None
