"""A mail server as tests have it: it accepts every letter by SMTP (RFC 5321), and keeps the Message-ID and subject."""

import socketserver
import threading
import time
from email.parser import BytesParser
from email.policy import default
from typing import NamedTuple


class Accepted(NamedTuple):
    """A letter that was accepted."""

    message_id: str
    to: str
    subject: str


class Postbox:
    """The server, on a port of its own.  It takes its time to accept, so that a kill finds letters on their way."""

    def __init__(self, accept_seconds: float = 0.0) -> None:
        self.letters: list[Accepted] = []
        postbox = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    self.say("220 postbox")
                    while line := self.rfile.readline():
                        if not self.answer(line.strip().upper()):
                            return
                except OSError:
                    return

            def answer(self, command: bytes) -> bool:
                if command == b"DATA":
                    self.say("354 go on")
                    letter = self.read_letter()
                    time.sleep(accept_seconds)
                    postbox.letters.append(letter)
                    self.say("250 accepted")
                elif command == b"QUIT":
                    self.say("221 goodbye")
                    return False
                else:
                    self.say("250 well")
                return True

            def read_letter(self) -> Accepted:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                if not line:
                    raise ConnectionResetError("hung up in the middle of a letter")
                parsed = BytesParser(policy=default).parsebytes(b"".join(lines))
                return Accepted(str(parsed["Message-ID"]), str(parsed["To"]), str(parsed["Subject"]))

            def say(self, words: str) -> None:
                self.wfile.write(words.encode() + b"\r\n")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Session)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
