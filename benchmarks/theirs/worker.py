"""The protocol of a worker: a process that does one job, told by lines on its standard input when to
do it, answering each with a line of JSON, and idle in between. org.gpt2j.benchmarks.compare.Compare
speaks the same.

  items     number of items of the job
  check     numbers that the other side must get too
  run N     seconds of each of the first N items
  sgemm     rates of the BLAS, in operations a second
  memory    peak resident memory of this process so far, in bytes
  describe  what computes
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Callable

# What libraries print must not get between the answers.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


@dataclass
class Job:
    """Work that is timed item by item; `check` is called before the first `run`."""

    items: int
    run: Callable[[int], object]
    check: Callable[[], list]


def read(inputs: str, name: str):
    with open(os.path.join(inputs, name + ".json"), encoding="utf-8") as f:
        return json.load(f)


def peak_bytes() -> int:
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM:"))


def _run(job: Job, items: int) -> list:
    seconds = []
    for i in range(items):
        start = time.perf_counter()
        job.run(i)
        seconds.append(time.perf_counter() - start)
    return seconds


def serve(job: Job, describe: Callable[[], dict], sgemm: Callable[[], list] | None = None):
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "items":
            answer = {"items": job.items}
        elif command == "check":
            answer = {"check": job.check()}
        elif command == "run":
            answer = {"seconds": _run(job, int(arguments[0]))}
        elif command == "sgemm":
            answer = {"rates": sgemm()}
        elif command == "memory":
            answer = {"bytes": peak_bytes()}
        elif command == "describe":
            answer = describe()
        else:
            raise ValueError(f"unknown command {command}")
        print(json.dumps(answer), file=_answers, flush=True)
