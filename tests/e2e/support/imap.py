"""A real IMAP server (pymap) with one empty mailbox in memory."""

import imaplib
import subprocess
import sys

from .ports import free_port
from .waiting import wait_until

USER = "bounces"
PASSWORD = "correct horse"


class ImapServer:
    """Listens on a free port; mails are put into the inbox as a mail server would deliver them."""

    def __enter__(self):
        self.port = free_port()
        command = [
            sys.executable, "-c", "from pymap.main import main; main()",
            "--host", "127.0.0.1", "--port", str(self.port), "--no-tls",
            "--no-service", "managesieve", "--no-service", "admin",
            "dict", "--demo-user", USER, "--demo-password", PASSWORD,
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_there, 20, "the IMAP server")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def _is_there(self):
        assert self.process.poll() is None, "the IMAP server ended"
        try:
            self._open().logout()
        except OSError:
            return False
        return True

    def _open(self):
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, *mails):
        """Puts mails into the inbox, in this order."""
        client = self._open()
        for mail in mails:
            answer, detail = client.append("INBOX", None, None, mail)
            assert answer == "OK", detail
        client.logout()

    def flags(self):
        """The flags of each mail, in order."""
        client = self._open()
        client.select("INBOX", readonly=True)
        _, found = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [imaplib.ParseFlags(line) for line in found]
