"""The socket of a scheduler, of the kind that the installed release uses by default."""

import asyncio

from scaler.config import defaults

YMQ = defaults.SCALER_NETWORK_BACKEND.name == "ymq"


class Wire:
    def __init__(self, port):
        self.address = "tcp://127.0.0.1:%d" % port
        self.identity = "scheduler"
        self.socket = None

    async def bind(self):
        if YMQ:
            from scaler.io.ymq import BinderSocket, IOContext

            self.context = IOContext()
            self.socket = BinderSocket(self.context, self.identity)
            await self.socket.bind_to(self.address)
        else:
            import zmq
            import zmq.asyncio

            self.socket = zmq.asyncio.Context.instance().socket(zmq.ROUTER)
            self.socket.bind(self.address)

    async def receive(self):
        """The sender's identity and the frame."""
        if YMQ:
            message = await self.socket.recv_message()
            return bytes(message.address.data), bytes(message.payload.data)
        source, frame = await self.socket.recv_multipart()
        return source, frame

    def send(self, to, frame):
        """Sends without waiting: a worker that is gone must not hold up the script."""
        if YMQ:
            from scaler.io.ymq import Bytes

            sending = self.socket.send_message(to.decode(), Bytes(frame))
        else:
            sending = self.socket.send_multipart([to, frame])
        asyncio.ensure_future(sending).add_done_callback(lambda sent: sent.cancelled() or sent.exception())

    def close(self):
        if self.socket is None:
            return
        if YMQ:
            self.socket.shutdown()
            self.context = None
        else:
            self.socket.close(linger=0)
        self.socket = None
