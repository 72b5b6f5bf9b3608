"""Messages between the process that asks for notebooks, the warm parent and its children: framed JSON."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct("!I")


def frame(body: bytes) -> bytes:
    """Return a message as it goes over a socket: its length in four bytes, then its bytes."""
    return _LENGTH.pack(len(body)) + body


def send(connection: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    """Send one message; open files may go with it to another process."""
    body = json.dumps(message).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], descriptors or [])
    connection.sendall(body)


def receive(connection: socket.socket, descriptors: int = 0) -> tuple[dict[str, Any] | None, list[int]]:
    """Wait for one message and the open files sent with it; None when the other side is gone."""
    try:
        head, files, _, _ = socket.recv_fds(connection, _LENGTH.size, descriptors)
        head += _exactly(connection, _LENGTH.size - len(head)) if head else b""
        if len(head) < _LENGTH.size:
            return None, list(files)
        body = _exactly(connection, *_LENGTH.unpack(head))
    except ConnectionError:
        return None, []
    return (json.loads(body) if body else None), list(files)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """Read `size` bytes, or nothing if the other side closes before."""
    pieces = []
    while size > 0:
        piece = connection.recv(min(size, 1 << 20))
        if not piece:
            return b""
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


class Frames:
    """Cuts what arrives on a socket into messages.

    >>> frames = Frames()
    >>> list(frames.feed(frame(b'{"a": 1}') + frame(b'{"b": 2}')[:5]))
    [{'a': 1}]
    >>> list(frames.feed(frame(b'{"b": 2}')[5:]))
    [{'b': 2}]
    """

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the messages that are complete with `data`."""
        self._waiting += data
        while len(self._waiting) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._waiting)
            end = _LENGTH.size + size
            if len(self._waiting) < end:
                return
            body = bytes(self._waiting[_LENGTH.size : end])
            del self._waiting[:end]
            message = json.loads(body)
            if not isinstance(message, dict):
                raise ValueError("a message is an object")
            yield message
