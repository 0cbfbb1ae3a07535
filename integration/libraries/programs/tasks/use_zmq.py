"""pyzmq: Scaler's own workers use it too."""


def pushes_and_pulls():
    import threading

    import zmq

    def push(address):
        with context.socket(zmq.PUSH) as socket:
            socket.connect(address)
            for n in range(100):
                socket.send(b"%d" % n)

    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.bind("inproc://here")
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        addresses = ("inproc://here", "tcp://127.0.0.1:%d" % port)
        threads = [threading.Thread(target=push, args=(address,)) for address in addresses]
        for thread in threads:
            thread.start()
        total = sum(int(pull.recv()) for _ in range(200))
        for thread in threads:
            thread.join()
        return total


def asks_through_the_shared_context():
    import zmq

    context = zmq.Context.instance()
    with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
        client.connect("tcp://127.0.0.1:%d" % server.bind_to_random_port("tcp://127.0.0.1"))
        client.send(b"ping")
        server.send(server.recv() + b" pong")
        return client.recv().decode()
