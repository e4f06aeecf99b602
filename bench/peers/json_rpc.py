"""An Ethereum JSON-RPC client that costs next to nothing: one kept-alive connection and prepared requests."""

from __future__ import annotations

import json
import socket
from typing import Any


def call(method: str, *params: object) -> bytes:
    """The body of one call."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def batch(bodies: list[bytes]) -> bytes:
    """The body of many calls in one request."""
    return b"[" + b",".join(bodies) + b"]"


class Connection:
    """One HTTP/1.1 connection to a node on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")
        self._head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: "

    def post(self, body: bytes) -> Any:
        """The answer to a body; an error that the node answers with is raised."""
        self._socket.sendall(self._head.encode() + str(len(body)).encode() + b"\r\n\r\n" + body)
        length = 0
        while (line := self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = json.loads(self._reader.read(length))
        for one in answer if isinstance(answer, list) else [answer]:
            if "error" in one:
                raise RuntimeError(f"the node refused a call: {one['error']}")
        return answer

    def result(self, method: str, *params: object) -> Any:
        """The result of one call."""
        return self.post(call(method, *params))["result"]

    def close(self) -> None:
        """Ends the connection."""
        self._reader.close()
        self._socket.close()
