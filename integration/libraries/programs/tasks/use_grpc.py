"""gRPC: a server and a client in one task, with messages of plain bytes."""


def _serve(pool):
    import grpc

    handler = grpc.method_handlers_generic_handler(
        "test.Echo",
        {
            "One": grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1]),
            "Many": grpc.unary_stream_rpc_method_handler(
                lambda request, context: (b"%d" % n for n in range(int(request)))
            ),
        },
    )
    server = grpc.server(pool)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, "127.0.0.1:%d" % port


def calls():
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    with ThreadPoolExecutor(2) as pool:
        server, address = _serve(pool)
        found = _talk(grpc, address)
        server.stop(None).wait()
    return found


def _talk(grpc, address):
    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        one = channel.unary_unary("/test.Echo/One")
        answers = [one(b"hello %d" % n, timeout=20).decode() for n in range(20)]
        many = [int(item) for item in channel.unary_stream("/test.Echo/Many")(b"50", timeout=20)]
    return [answers[-1], sum(many)]
