"""A relay between a manager and the scheduler, which notes when the manager first sends certain bytes."""

import select
import socket
import threading
import time


class Relay:
    """Serves one connection at a time: a manager may connect once to detect the transport, and then again."""

    def __init__(self, port, awaited):
        self._port = port
        self._awaited = awaited
        self._seen = threading.Event()
        self._ended = False
        self.at = None  # the time when the awaited bytes arrived
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended = True
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept; close does not
        self._listener.close()
        self._thread.join()

    def wait(self, limit):
        if not self._seen.wait(limit):
            raise TimeoutError("the manager did not send %r within %d s" % (self._awaited, limit))
        return self.at

    def _serve(self):
        while not self._ended:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self._port)) as server:
                try:
                    self._pass_on(client, server)
                except OSError:
                    pass  # either end may close at any time

    def _pass_on(self, client, server):
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        said = b""
        while not self._ended:
            ready, _, _ = select.select([client, server], [], [], 0.1)
            now = time.time()
            for end in ready:
                data = end.recv(65536)
                if not data:
                    return
                (server if end is client else client).sendall(data)
                if end is client and not self._seen.is_set():
                    said += data
                    if self._awaited in said:
                        self.at = now
                        self._seen.set()
