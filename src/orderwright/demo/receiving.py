"""A receiver of the demo shop's webhooks that shows the last of them: whoever opens its address sees what came."""

from collections import deque
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SHOWN = 50
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Webhooks</title>
<style>body{{font:15px/1.5 sans-serif;max-width:60rem;margin:2rem auto}}
pre{{background:#f4f1ea;padding:.6rem;overflow:auto}}</style>
<h1>{received} webhooks came</h1><p>The last {shown}, the newest first. Reload for more.</p>{messages}</html>
"""


class HookServer:
    """Takes every message, and keeps the last of them in memory."""

    def __init__(self, port: int) -> None:
        self.received = 0
        self.last: deque[tuple[str, str]] = deque(maxlen=SHOWN)  # its id, and the body
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"hooks": self}))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, daemon=True, name="hooks")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "HookServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self) -> str:
        """The last messages as HTML, the newest first."""
        messages = "".join(f"<h2>{escape(id_)}</h2><pre>{escape(body)}</pre>" for id_, body in reversed(self.last))
        return PAGE.format(received=self.received, shown=len(self.last), messages=messages)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hooks: HookServer

    def do_GET(self) -> None:
        page = self.hooks.page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode(errors="replace")
        self.hooks.received += 1
        self.hooks.last.append((self.headers.get("webhook-id", ""), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
