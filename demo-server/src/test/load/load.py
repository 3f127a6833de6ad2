"""Many clients at a running demo server, with slow senders and half-open connections beside them.

    java -jar demo-server/target/demo-server.jar --port 8080 &
    python3 demo-server/src/test/load/load.py --pid $! --clients 200 --seconds 300

First one client alone asks for some seconds, then all do. Each client keeps its connection, asks for
one text at a time and goes on as soon as it has the answer; a 503 is counted and asked again after
Retry-After. The answer to a text must be the one that the text got alone. Fails if a request is lost
(the connection ends without an answer), differs, or is no 200 or 503. Standard library only.
"""

import argparse
import asyncio
import collections
import json
import random
import time

WORDS = "see you at home later call now WIN a free prize urgent your account is ok lol meeting 8".split()


def texts(count):
    rng = random.Random(1)
    return [" ".join(rng.choices(WORDS, k=rng.randint(3, 40))) for _ in range(count)]


async def ask(reader, writer, text):
    """Status, parsed body and headers of one request."""
    body = json.dumps({"text": text}).encode()
    head = f"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if line)}
    answer = json.loads(await reader.readexactly(int(headers["content-length"])))
    return int(lines[0].split()[1]), answer, headers


class Load:
    def __init__(self, args):
        self.args = args
        self.texts = texts(500)
        self.expected = {}
        self.counts = collections.Counter()
        self.latencies = []

    def connect(self):
        return asyncio.open_connection(self.args.host, self.args.port)

    async def client(self, number, until):
        reader, writer = await self.connect()
        rng = random.Random(number)
        while time.monotonic() < until:
            text = rng.choice(self.texts)
            start = time.monotonic()
            try:
                status, answer, headers = await ask(reader, writer, text)
            except (OSError, asyncio.IncompleteReadError) as e:
                self.counts[f"lost: {type(e).__name__}"] += 1
                reader, writer = await self.connect()
                continue
            self.counts[status] += 1
            if status == 503:
                await asyncio.sleep(float(headers["retry-after"]))
            elif status == 200:
                self.latencies.append(time.monotonic() - start)
                score = self.expected.setdefault(text, answer["probabilities"]["spam"])
                if abs(score - answer["probabilities"]["spam"]) > 1e-5:
                    self.counts["different"] += 1
        writer.close()

    async def slow(self, until):
        """A byte of a body a second, and again when the server has had enough."""
        while time.monotonic() < until:
            try:
                reader, writer = await self.connect()
                writer.write(b"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
                while time.monotonic() < until and not reader.at_eof():
                    writer.write(b" ")
                    await writer.drain()
                    try:
                        if await asyncio.wait_for(reader.read(4096), 1):
                            self.counts["slow senders that got an answer"] += 1
                            break
                    except asyncio.TimeoutError:
                        pass
                writer.close()
            except OSError:
                pass

    async def half_open(self, until):
        """Says nothing, or half a head."""
        while time.monotonic() < until:
            try:
                reader, writer = await self.connect()
                if random.random() < 0.5:
                    writer.write(b"POST /api/cl")
                await asyncio.wait_for(reader.read(1), max(0.1, until - time.monotonic()))
                writer.close()
                self.counts["half-open connections that were closed"] += 1
            except (OSError, asyncio.TimeoutError):
                pass

    async def memory(self, until):
        peaks = []
        while time.monotonic() < until:
            with open(f"/proc/{self.args.pid}/status") as f:
                rss = next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
            peaks.append(rss // 1024)
            await asyncio.sleep(max(1, self.args.seconds / 20))
        print("resident memory, MB:", *peaks)

    def report(self, what, seconds):
        times = sorted(self.latencies)
        q = [1000 * times[min(len(times) - 1, int(p * len(times)))] for p in (0.5, 0.9, 0.99, 1)]
        print(
            f"{what}: {len(times) / seconds:.0f} answers a second;"
            f" ms at 50 %: {q[0]:.1f}, 90 %: {q[1]:.1f}, 99 %: {q[2]:.1f}, 100 %: {q[3]:.1f}; {dict(self.counts)}"
        )

    async def run(self):
        alone = min(10, self.args.seconds)
        await self.client(0, time.monotonic() + alone / 2)  # warm-up
        self.latencies.clear()
        self.counts.clear()
        await self.client(1, time.monotonic() + alone)
        self.report("one client", alone)
        self.latencies.clear()
        self.counts.clear()
        until = time.monotonic() + self.args.seconds
        tasks = [self.client(i, until) for i in range(self.args.clients)]
        tasks += [self.slow(until) for _ in range(self.args.slow)]
        tasks += [self.half_open(until) for _ in range(self.args.half_open)]
        if self.args.pid:
            tasks.append(self.memory(until))
        await asyncio.gather(*tasks)
        self.report(f"{self.args.clients} clients", self.args.seconds)
        bad = [k for k in self.counts if k == "different" or str(k).startswith("lost") or isinstance(k, int) and k not in (200, 503)]
        return 1 if bad else 0


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("--pid", type=int, help="the server's process, whose memory is watched")
parser.add_argument("--clients", type=int, default=200)
parser.add_argument("--slow", type=int, default=50)
parser.add_argument("--half-open", type=int, default=50)
parser.add_argument("--seconds", type=float, default=300)
raise SystemExit(asyncio.run(Load(parser.parse_args()).run()))
