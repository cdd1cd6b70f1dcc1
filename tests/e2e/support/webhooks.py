"""A receiver of webhooks that believes nothing: each request is verified by the package `standardwebhooks`."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "QUJD" * 8


class Receiver:
    """Listens on a free port. `answer` is given the payload and returns a status and the JSON of the answer."""

    def __init__(self, answer=lambda payload: (200, {})):
        self.answer = answer
        self.requests = []
        self.refused = []
        self._lock = threading.Lock()

    def __enter__(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = receiver.take(dict(self.headers), body)
                said = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def take(self, headers, body):
        """Verifies a request and answers it."""
        headers = {name.lower(): value for name, value in headers.items()}
        try:
            payload = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError as error:
            with self._lock:
                self.refused.append(str(error))
            return 401, {"error": str(error)}
        with self._lock:
            self.requests.append((headers, payload))
        return self.answer(payload)

    def payloads(self):
        """The payloads that were verified, in order."""
        with self._lock:
            return [payload for _, payload in self.requests]
