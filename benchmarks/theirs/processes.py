"""Starts worker processes and asks them: the protocol is in worker.py."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

PYTHON_SIDE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(PYTHON_SIDE))
JLAMA = os.path.join(ROOT, "benchmarks/jlama")
JAR = os.path.join(ROOT, "benchmarks/target/benchmarks.jar")


@dataclass(frozen=True)
class Command:
    """How to start a worker for a job; has_blas: whether it can be asked for sgemm."""

    words: tuple
    job: str
    has_blas: bool


def java(job) -> Command:
    main = "org.gpt2j.benchmarks.compare.Compare"
    options = os.environ.get("JAVA_OPTIONS", "").split()
    words = ("java", *options, "-cp", JAR, main)
    return Command(words, job, not job.startswith(("jtokkit", "encode")))


def jlama(job) -> Command:
    jdk = os.environ.get("JDK25_HOME", "/usr/lib/jvm/temurin-25-jdk-amd64")
    words = (os.path.join(jdk, "bin/java"), "--add-modules", "jdk.incubator.vector",
             "--enable-native-access=ALL-UNNAMED", "-cp", os.path.join(JLAMA, "target/lib/*"),
             os.path.join(JLAMA, "JlamaWorker.java"))
    return Command(words, job, False)


def python(script, job) -> Command:
    path = os.path.join(PYTHON_SIDE, script)
    return Command((sys.executable, path), job, script == "torch_worker.py")


class Process:
    """A worker; `ask` raises RuntimeError with its last words if it dies."""

    def __init__(self, command: Command, inputs: str):
        self.job = command.job
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*command.words, command.job, inputs], cwd=ROOT, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)

    def ask(self, line: str) -> dict:
        try:
            self._process.stdin.write(line + "\n")
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._process.wait()
            raise RuntimeError(self._last_words())
        return json.loads(answer)

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = [x for x in self._errors.read().decode(errors="replace").splitlines() if x.strip()]
        return lines[-1][:200] if lines else f"exit status {self._process.returncode}"

    def close(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
