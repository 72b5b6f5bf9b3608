"""The child that runs one notebook: an ipykernel without its sockets and threads.

The kernel, the shell, its display hook and publisher are ipykernel's own, so what a notebook shows is
made by the same code as in an ordinary kernel. Only the transport differs: messages go over one socket,
and what is written to file descriptors 1 and 2 (by C code or another program) is kept in memory files
and joined to the streams in order.
"""

from __future__ import annotations

import asyncio
import atexit
import codecs
import io
import logging
import os
import socket
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from jupyter_client.session import Session
from traitlets.config import Config

from ffstats.notebooks import wire

FLUSH_SECONDS = 0.2  # ipykernel's own interval
Kernel = Any
"""An IPythonKernel: it makes its attributes as traits, of which a type checker knows nothing."""
PACKAGE_DIRECTORIES = ("site-packages", "dist-packages")


class WireSession(Session):
    """A session that sends each message of the kernel over one socket, whole and in order."""

    connection: socket.socket | None = None
    lock = threading.RLock()

    def send(  # type: ignore[override]  # what it does not name is for ZeroMQ alone, and stays in `rest`
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, **rest: Any
    ) -> Any:
        """Send a message of the kernel; one from a process that a cell forked is dropped, as ipykernel does."""
        message = msg_or_type
        if isinstance(message, str):
            message = self.msg(message, content, parent=parent, metadata=rest.get("metadata"))
        if self.connection is not None and os.getpid() == self.pid:
            kept = ("msg_type", "parent_header", "content", "metadata")
            body = self.pack(
                {"header": {"msg_type": message["msg_type"]}, **{key: message[key] for key in kept}}
            )
            with self.lock:
                self.connection.sendall(wire.frame(body))
        return message


class OutStream(io.TextIOBase):
    """Standard output or error of the notebook: what Python writes and what reaches the descriptor.

    Named as ipykernel's class, because an error message may show the name.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, descriptor: int, session: WireSession) -> None:
        super().__init__()
        self.name, self._descriptor, self._session = name, descriptor, session
        self._process = os.getpid()
        self._lock = session.lock
        self._pieces: list[str] = []
        self._parent: dict[str, Any] = {}
        self._last_flush = time.monotonic()
        self._file = os.memfd_create(name, os.MFD_CLOEXEC)
        append = os.open(f"/proc/self/fd/{self._file}", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.dup2(append, descriptor)
        os.close(append)
        self._read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Take the request that the next output belongs to."""
        self._parent = parent

    def fileno(self) -> int:
        """Return the descriptor, for programs that the notebook starts."""
        return self._descriptor

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Keep a text for the next flush; flush if the last one is a while ago."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._process:  # a process that a cell forked: its parent will find the text
            os.write(self._descriptor, text.encode("utf-8", "replace"))
            return len(text)
        with self._lock:
            self._collect()
            self._pieces.append(text)
        if time.monotonic() - self._last_flush > FLUSH_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was written since the last flush."""
        if os.getpid() != self._process:
            return
        with self._lock:
            self._collect()
            text = "".join(self._pieces)
            self._pieces.clear()
            self._last_flush = time.monotonic()
            if text:
                self._session.send(None, "stream", {"name": self.name, "text": text}, parent=self._parent)

    def _collect(self) -> None:
        """Take over what has reached the descriptor by other ways than `write`."""
        while data := os.pread(self._file, 1 << 20, self._read):
            self._read += len(data)
            self._pieces.append(self._decoder.decode(data))


def make_kernel() -> Kernel:
    """Return a kernel that is complete but for its connection; starts no thread and opens no socket."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    here = SimpleNamespace(parent_thread=threading.main_thread())
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # no debugger: it imports much, and none attaches
    try:
        return IPythonKernel.instance(
            config=config,
            session=WireSession(config=config),
            shell_channel_thread=here,
            user_ns=None,  # the shell then makes a module __main__ of its own, in which classes can be pickled
            log=logging.getLogger("ipykernel"),
        )
    finally:
        del sys.modules["debugpy"]


def serve(kernel: Kernel, connection: socket.socket) -> None:
    """Run the cells that arrive on `connection` until it closes, then end this process."""
    session = kernel.session
    session.pid = os.getpid()
    session.connection = connection
    sys.stdout = OutStream("stdout", 1, session)
    sys.stderr = OutStream("stderr", 2, session)
    _add_working_directory()
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    kernel.shell.init_environment()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_converse(kernel, connection))
    atexit._run_exitfuncs()
    os._exit(0)


def _add_working_directory() -> None:
    """Let a notebook import from its directory, after the standard library, as IPython does."""
    installed = (n for n, path in enumerate(sys.path) if os.path.basename(path) in PACKAGE_DIRECTORIES)
    sys.path.insert(next(installed, len(sys.path)), "")


async def _converse(kernel: Kernel, connection: socket.socket) -> None:
    """Answer requests one after the other; tasks that a cell left running go on between them."""
    from tornado.ioloop import IOLoop

    loop = asyncio.get_running_loop()
    kernel.io_loop = IOLoop.current()
    arrived = asyncio.Event()
    while True:
        arrived.clear()
        loop.add_reader(connection.fileno(), arrived.set)
        await arrived.wait()
        loop.remove_reader(connection.fileno())
        request, _ = wire.receive(connection)
        if request is None:
            return
        await _execute(kernel, request)
        if kernel.shell.exit_now:
            return


async def _execute(kernel: Kernel, request: dict[str, Any]) -> None:
    """Run one cell as ipykernel does on an execute_request, and send what its reply says."""
    header = {"msg_id": request["id"], "msg_type": "execute_request"}
    parent = {"header": header, "parent_header": {}, "metadata": {}, "content": {"code": request["code"]}}
    kernel.set_parent([], parent)
    reply = await kernel.do_execute(
        request["code"], silent=False, store_history=True, user_expressions={}, allow_stdin=False
    )
    if os.getpid() != kernel.session.pid:  # a process that the cell forked and did not end
        os._exit(0)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {key: reply.get(key) for key in ("status", "ename", "evalue", "traceback", "execution_count")}
    content = {**kept, "event_loop": kernel.eventloop is not None}
    kernel.session.send(None, "reply", content, parent=parent)
