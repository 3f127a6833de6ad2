"""Attacks a demo server that has a small heap, and shows that all of it still works afterwards.

    python3 demo-server/src/test/load/small_heap.py demo-server/target/demo-server.jar --heap 256m --clients 31

Starts the server itself, and ends it. Clients send bodies of 1 MB that would make much more of themselves
(arrays of empty objects, of empty texts, of arrays, long texts, nested arrays, long keys, white space; tables of
short rows, of delimiters alone, of one field), and texts to be explained, as fast as the server takes them. Fails if a request gets a 500 or no answer, if the
log names an OutOfMemoryError or a thread that ended, if /health is not ready afterwards, if a text is not
classified, or if slow senders (half a head, half a body) are not cut off any more. Standard
library only.
"""

import argparse
import collections
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

MB = 1 << 20
TIMEOUT = 10
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def filled(start, item, end):
    """A body of at most 1 MB."""
    return start + item * ((MB - len(start) - len(end) - len(item)) // len(item)) + item.rstrip(b",") + end


def bodies():
    yield "objects", filled(b'{"texts":[', b"{},", b"]}")
    yield "empty texts", filled(b'{"texts":[', b'"",', b"]}")
    yield "arrays", filled(b'{"texts":[', b"[],", b"]}")
    yield "numbers", filled(b'{"texts":[', b"1,", b"]}")
    yield "long texts", filled(b'{"texts":[', b'"' + b"see you " * 2499 + b'",', b"]}")
    yield "256 texts", b'{"texts":[' + b",".join([b'"' + b"see you " * 500 + b'"'] * 256) + b"]}"
    yield "wide texts", filled(b'{"texts":[', b'"' + "\u4f60".encode() + b"x" * 4000 + b'",', b"]}")
    yield "a long text", filled(b'{"text":"', b"x", b'"}')
    yield "escapes", filled(b'{"text":"', b"\\u4f60", b'"}')
    yield "nested arrays", filled(b'{"text":', b"[", b"}")
    yield "nested objects", filled(b'{"text":', b'{"a":', b"}")
    yield "a long key", filled(b'{"', b"x", b'":1}')
    yield "a long number", filled(b'{"text":', b"9", b"}")
    yield "many keys", filled(b'{"text":{', b'"a":1,', b"}}")
    yield "white space", filled(b"", b" ", b"{}")
    yield "explained", json.dumps({"text": "see you at home " * 1200, "explain": True}).encode()


def tables():
    """Files of at most 1 MB, which become tables: of many rows, of many fields, of one."""
    yield "table", filled(b"id,text\n", b"1,see you at home\n", b"2,a")
    yield "table of short rows", filled(b"text\n", b"a\n", b"a")
    yield "table of commas", filled(b"text", b",", b"\n")
    yield "table of all delimiters", filled(b"text\n", b"a,b;c\td|'", b"a")
    yield "table of quotes", filled(b"text\n", b"'a','b',", b"a")
    yield "wide table", filled(b"text" + b",a" * 16_000 + b"\n", b"a," * 16_000 + b"a\n", b"a")
    yield "table filled up", filled(b"text" + b"," * 16_000 + b"\n", b"a\n", b"a")
    yield "table of one field", filled(b"text\n", "\u4f60".encode() * 1000, b"a")
    yield "table of one quoted field", filled(b'text\n"', b"a\n", "\u4f60".encode())
    yield "table of open quotes", filled(b"text\n", b'"a\n', b"a")
    yield "table of Windows-1252", filled(b"text\n", b"\x80\n", b"a")
    yield "table of control characters", filled(b"text\n", b"\x01", b"\n")
    yield "table of lines", filled(b"", b"see you, mum\n", b"a")
    yield "table of a workbook", filled(b"PK\x03\x04", b"\0", b"")


def head(length, path="/api/classify", content_type="application/json"):
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n"
        f"Connection: close\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=150)


def read_all(s):
    data = b""
    while part := s.recv(1 << 16):
        data += part
    return data


def ask(port, request):
    with connect(port) as s:
        try:
            s.sendall(request)
        except OSError:
            return read_all(s).decode(errors="replace") or "cut off: the body took too long"
        return read_all(s).decode(errors="replace")


def status(answer):
    if answer.startswith("HTTP/"):
        return int(answer.split(" ", 2)[1])
    return 408 if answer.startswith("cut off") else "none"


class Attack:
    def __init__(self, port, seconds, only):
        requests = [(name, head(len(body)) + body) for name, body in bodies()]
        requests += [(name, head(len(body), "/api/table", "text/csv") + body) for name, body in tables()]
        self.requests = [(name, request) for name, request in requests if only is None or only in name]
        self.port = port
        self.until = time.monotonic() + seconds
        self.counts = collections.defaultdict(collections.Counter)
        self.lock = threading.Lock()

    def client(self, number):
        while time.monotonic() < self.until:
            name, request = self.requests[number % len(self.requests)]
            number += 1
            try:
                got = status(ask(self.port, request))
            except OSError as e:
                got = type(e).__name__
            self.count(name, got)

    def count(self, name, got):
        with self.lock:
            self.counts[name][got] += 1

    def honest(self):
        """A client that sends one short text and one short table a second, and looks at /health."""
        body = b'{"text": "see you"}'
        table = b"id,text\n1,see you\n"
        while time.monotonic() < self.until:
            answer = ask(self.port, head(len(table), "/api/table", "text/csv") + table)
            self.count("an honest table", status(answer))
            self.count("an honest client", status(ask(self.port, head(len(body)) + body)))
            self.count("/health", status(ask(self.port, HEALTH)))
            time.sleep(1)

    def run(self, clients):
        threads = [threading.Thread(target=self.client, args=(i,)) for i in range(clients)]
        threads.append(threading.Thread(target=self.honest))
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def slow_senders_are_cut(port):
    """Seconds until each was cut off, None if it never was."""
    results = {}

    def wait(name, start):
        began = time.monotonic()
        with connect(port) as s:
            s.settimeout(60)
            s.sendall(start)
            try:
                read_all(s)
            except TimeoutError:
                results[name] = None
                return
            except OSError:
                pass
            results[name] = round(time.monotonic() - began, 1)

    parts = {"half a head": b"POST /api/classify HTTP/1.1\r\nHost:", "half a body": head(100) + b'{"text":'}
    threads = [threading.Thread(target=wait, args=part) for part in parts.items()]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jar")
    parser.add_argument("--heap", default="256m")
    parser.add_argument("--clients", type=int, default=31)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--only", help="the kinds of bodies with this in their names, such as 'objects' or 'table'")
    parser.add_argument("--java", default="java")
    parser.add_argument("--option", action="append", default=[], help="one more of java's options")
    args = parser.parse_args()
    log = tempfile.NamedTemporaryFile("w+", suffix=".log")
    command = [args.java, f"-Xmx{args.heap}", *args.option, "-jar", args.jar, "--port", "0", "--request-timeout", str(TIMEOUT)]
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", open(log.name).read())):
            if server.poll() is not None:
                sys.exit(open(log.name).read())
            time.sleep(0.2)
        port = int(found[1])
        attack = Attack(port, args.seconds, args.only)
        attack.run(args.clients)
        for name, counts in attack.counts.items():
            print(f"{name}: {dict(counts)}")
        health = ask(port, HEALTH)
        body = b'{"text": "see you"}'
        classified = ask(port, head(len(body)) + body)
        cut = slow_senders_are_cut(port)
        print("health:", health.splitlines()[-1], "; a text:", status(classified), "; cut after seconds:", cut)
    finally:
        server.terminate()
        server.wait()
    text = open(log.name).read()
    troubles = [line for line in text.splitlines() if "OutOfMemoryError" in line or "has ended" in line]
    bad = {s for counts in attack.counts.values() for s in counts} - {200, 400, 408, 503}
    print("log:", len(troubles), "lines of trouble", *troubles[:5], sep="\n  " if troubles else " ")
    if troubles or bad or status(health) != 200 or status(classified) != 200 or None in cut.values():
        sys.exit(f"FAILED: {bad or ''}")
    print("all of it still works")


if __name__ == "__main__":
    main()
