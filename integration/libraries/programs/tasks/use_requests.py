"""requests, against a server of the task's own on the loopback address."""


def _serve():
    import http.server
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = ("you asked for " + self.path).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def asks_in_one_session():
    import requests

    with _serve() as server, requests.Session() as session:
        session.trust_env = False
        answers = [session.get("http://127.0.0.1:%d/%d" % (server.server_port, n), timeout=10) for n in range(20)]
        server.shutdown()
        return [answers[-1].text, sum(answer.status_code for answer in answers)]


def asks_in_threads():
    from concurrent.futures import ThreadPoolExecutor

    import requests

    def ask(n):
        address = "http://127.0.0.1:%d/%d" % (server.server_port, n)
        return requests.get(address, timeout=10, proxies={"http": ""}).text

    with _serve() as server, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(16)))
        server.shutdown()
        return found[-1]
