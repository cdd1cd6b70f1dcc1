"""Mail servers: one that takes everything and remembers it, and those that make trouble."""

import asyncio
import email
import email.policy
import re
import socket
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from .ports import free_port

LINK = re.compile(r'href="([^"]*/t/[^"]+)"')


class Mail:
    """One message as it arrived."""

    def __init__(self, envelope):
        self.recipients = list(envelope.rcpt_tos)
        self.raw = envelope.original_content
        self.message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)

    @property
    def subject(self):
        return self.message["Subject"]

    @property
    def delivery(self):
        return self.message["X-Hearth-Delivery"]

    def part(self, kind):
        """The text of the part with this content type."""
        return next(part.get_content() for part in self.message.walk() if part.get_content_type() == kind)

    def visible_links(self):
        """The tracked links of the HTML part that a reader can see."""
        anchors = re.findall(r"<a\b[^>]*>", self.part("text/html"))
        return [LINK.search(anchor)[1] for anchor in anchors if LINK.search(anchor) and "display:none" not in anchor]

    def unsubscribe_url(self):
        return re.fullmatch(r"<(.+)>", self.message["List-Unsubscribe"])[1]


class Mailbox:
    """A real SMTP server (aiosmtpd) on a free port. `reply` may refuse: it is given the recipient and
    returns a reply line, or None to accept."""

    def __init__(self, reply_to_recipient=None):
        self.reply_to_recipient = reply_to_recipient
        self.received = []
        self.attempts = Counter()
        self._lock = threading.Lock()
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        with self._lock:
            self.attempts[address] += 1
            attempt = self.attempts[address]
        refusal = self.reply_to_recipient and self.reply_to_recipient(address, attempt)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server, _session, envelope):
        mail = Mail(envelope)
        with self._lock:
            self.received.append(mail)
        return f"250 2.0.0 OK: queued as {len(self.received):010X}"

    def mails(self, recipient=None, subject=None):
        """What arrived, in order."""
        with self._lock:
            mails = list(self.received)
        return [
            mail for mail in mails
            if (recipient is None or recipient in mail.recipients) and (subject is None or mail.subject == subject)
        ]


class DroppingSMTP(SMTP):
    """Reads the whole message and hangs up instead of answering: nobody can know what became of it."""

    async def smtp_DATA(self, arg):
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readuntil(b"\r\n.\r\n")
        self.event_handler.taken += 1
        self.transport.abort()


class DroppingController(Controller):
    """Speaks as a DroppingSMTP."""

    def factory(self):
        return DroppingSMTP(self.handler)


class DroppingMailServer:
    """Drops the connection after DATA; counts how often it was given a message."""

    def __init__(self):
        self.taken = 0
        self.port = free_port()
        self._controller = DroppingController(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()


class HangingMailServer:
    """Accepts connections and never says a word."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def _accept(self):
        while True:
            try:
                self.connections.append(self._listener.accept()[0])
            except OSError:
                return

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for connection in self.connections:
            connection.close()


class HangingAfterData:
    """Takes a whole message and then never answers, while keeping the connection open."""

    def __init__(self):
        self.taken = 0

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _serve(self, reader, writer):
        writer.write(b"220 slow.example ESMTP\r\n")
        while line := await reader.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.taken += 1
                continue
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 OK\r\n")

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
