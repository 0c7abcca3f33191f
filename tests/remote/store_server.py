#!/usr/bin/env python3
"""A store of files that behaves as its paths say, well or badly: store_server.py LOG [CERTIFICATE KEY]. Prints its port.

Each request is a line of LOG before it is answered. /archive/ is a bucket of S3, whose requests must be signed: the
signature is computed here from Amazon's description of version 4, with nothing but hmac and hashlib.
"""
import hashlib, hmac, http.server, os, ssl, sys, time, urllib.parse, zlib

KEY_ID, SECRET, TOKEN, REGION = "AKIATEST", "s3cr3t/with+signs", "token==", "eu-test-1"
log, tried = sys.argv[1], {}


def signature(request, path, query, signed, date, payload_hash):
    headers = "".join(f"{name}:{' '.join((request.headers[name] or '').split())}\n" for name in signed.split(";"))
    canonical = "\n".join([request.command, path, query, headers, signed, payload_hash])
    scope = f"{date[:8]}/{REGION}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in [*scope.split("/"), to_sign]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return scope, key.hex()


def is_signed(request):
    """403 as S3 has it: another key, another signature, a header that should be signed and is not."""
    scheme, _, rest = (request.headers["Authorization"] or "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    path, _, query = request.path.partition("?")
    date = request.headers["X-Amz-Date"] or ""
    scope, expected = signature(request, path, query, parts.get("SignedHeaders", ""), date,
                                request.headers["X-Amz-Content-Sha256"] or "")
    must = {"host", "x-amz-date", "x-amz-content-sha256"} | {"x-amz-security-token" for _ in request.headers.get_all("X-Amz-Security-Token", [])}
    return (scheme == "AWS4-HMAC-SHA256" and parts.get("Credential") == f"{KEY_ID}/{scope}"
            and request.headers["X-Amz-Content-Sha256"] == hashlib.sha256(b"").hexdigest()
            and request.headers.get("X-Amz-Security-Token", TOKEN) == TOKEN
            and must <= set(parts.get("SignedHeaders", "").split(";")) and hmac.compare_digest(
                expected, parts.get("Signature", "")))


class store(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin(self, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def do_GET(self):
        with open(log, "a") as lines:
            lines.write(self.path + "\n")
        what, _, rest = self.path.lstrip("/").partition("/")
        tried[self.path] = tried.get(self.path, 0) + 1
        try:
            getattr(self, "do_" + what, self.absent)(rest)
        except OSError:
            self.close_connection = True  # who asked has left

    def log_message(self, *_):
        pass

    def absent(self, _):
        self.answer(404, b"there is no such thing")

    def do_files(self, rest):
        self.answer(200, b"bytes of " + urllib.parse.unquote(rest).encode())

    def do_pictures(self, rest):  # that lie beside the log
        with open(os.path.join(os.path.dirname(log), os.path.basename(rest)), "rb") as picture:
            self.answer(200, picture.read())

    def do_archive(self, rest):
        if is_signed(self):
            self.answer(200, b"object " + urllib.parse.unquote(rest).encode())
        else:
            self.answer(403, b"SignatureDoesNotMatch")

    def do_status(self, rest):
        self.answer(int(rest), b"as asked")

    def do_moved(self, rest):
        self.answer(302, Location="/files/" + rest)

    def do_flaky(self, rest):  # fails so often, then does not
        if tried[self.path] <= int(rest):
            self.answer(503)
        else:
            self.answer(200, b"at last")

    def do_busy(self, rest):
        if tried[self.path] == 1:
            self.answer(429, Retry_After=rest)
        else:
            self.answer(200, b"at last")

    def do_cut(self, rest):
        self.begin(Content_Length="1000")
        self.wfile.write(b"only this")
        self.close_connection = True

    def do_long(self, rest):
        self.begin(Content_Length=rest)
        for _ in range(int(rest) // 10_000):
            self.wfile.write(bytes(10_000))

    def do_endless(self, _):  # as chunks, without a length
        self.begin(Transfer_Encoding="chunked")
        while True:
            self.wfile.write(b"2710\r\n" + bytes(10_000) + b"\r\n")

    def do_unending(self, _):  # until the connection closes
        self.begin(Connection="close")
        while True:
            self.wfile.write(bytes(10_000))

    def do_heads(self, _):
        self.send_response(200)
        for number in range(20_000):
            self.send_header(f"X-{number}", "y" * 100)
        self.end_headers()

    def do_bomb(self, _):
        self.answer(200, zlib.compress(bytes(10_000_000), 9), Content_Encoding="deflate")

    def do_dripping(self, _):
        self.begin(Content_Length="100000")
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def do_silent(self, _):
        time.sleep(30)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), store)
server.daemon_threads = True
server.handle_error = lambda *_: None  # a client that does not trust us is no news
if len(sys.argv) > 2:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*sys.argv[2:4])
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
