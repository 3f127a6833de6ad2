#!/usr/bin/env python3
"""Runs the same work in our Java and in PyTorch + peft, ONNX Runtime, Hugging Face tokenizers and
JTokkit, in turn on this machine, and prints one table. See README.md.

Each side is a process of its own that warms up and then sleeps while another works. In every round each process does
its items once; of each item the median over the rounds counts, and a figure is the mean over items.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time

from theirs import processes, report
from theirs.processes import JAR, JLAMA, PYTHON_SIDE, ROOT, Process, java, jlama, python

COMPILED = "+compile"
WARM_UP = 10  # seconds


class Side:
    """One way to do the work.

    name        how the table calls it
    command     of its process; several commands are tried first, and the fastest goes on
    items       how many items a round takes at most
    checked     whether its numbers must be ours
    """

    def __init__(self, name, *commands, items=10**6, checked=True):
        self.name, self.commands, self.items, self.checked = name, commands, items, checked


class Comparison:
    """Our way and others, with the goal for ours / theirs (None: shown without one)."""

    def __init__(self, title, work, ours, theirs, unit="s", per_item=1):
        # work: what useful_flops counts, None where that is not the measure
        self.title, self.work, self.ours, self.theirs = title, work, ours, theirs
        self.unit, self.per_item = unit, per_item


def torch(job):
    return python("torch_worker.py", job)


def onnx(job):
    return python("onnx_worker.py", job)


def groups(quick):
    """Comparisons by the name that --only takes."""
    few = 2 if quick else 20
    padded = Side("PyTorch + peft, padded to 120", torch("lora-padded"), items=1 if quick else 4)
    sizes = [32] if quick else [32, 16, 64]

    def many(side, kind=""):
        return [side(f"classify-many-{kind}{n}") for n in sizes]

    compiled = Side("the same, torch.compile", torch("lora-padded" + COMPILED), items=4)
    return {
        "lora": [
            Comparison(
                "LoRA step, batch 16", "lora-random", Side("", java("lora-random"), items=few),
                [(padded, 1 / 7), (compiled, None),
                 (Side("PyTorch + peft, dynamic padding", torch("lora-dynamic"), items=few), 1 / 3.2)]),
            Comparison(
                "LoRA step, batch 16, grouped by length", "lora-grouped",
                Side("", java("lora-grouped"), items=few),
                [(Side("PyTorch + peft, dynamic padding", torch("lora-grouped"), items=few), 1 / 1.8)])],
        "full-step": [
            Comparison(
                "full training step, B=4 T=64", "full-step", Side("", java("full-step")),
                [(Side("PyTorch", torch("full-step")), 0.9),
                 (Side("PyTorch, torch.compile", torch("full-step" + COMPILED)), None)])],
        "classify-one": [
            Comparison(
                "classify one message", "classify-one", Side("", java("classify-one"), items=few),
                [(Side("PyTorch, inference_mode", torch("classify-one"), items=few), 0.5),
                 (Side("PyTorch, torch.compile", torch("classify-one" + COMPILED), items=few), None),
                 (Side("ONNX Runtime fp32", onnx("classify-one-fp32"), items=few), None),
                 (Side("ONNX Runtime int8", onnx("classify-one-int8"), items=few, checked=False), None)],
                unit="ms"),
            Comparison(
                "classify one message, our int8 weights", "classify-one",
                Side("", java("classify-one-int8"), items=few),
                [(Side("PyTorch, inference_mode", torch("classify-one"), items=few, checked=False), 0.25),
                 (Side("ONNX Runtime int8", onnx("classify-one-int8"), items=few, checked=False), None)],
                unit="ms")],
        "classify-many": [
            Comparison(
                "classify many, a message", "classify-many", Side("", java("classify-many")),
                [(Side("PyTorch, inference_mode, grouped", *many(torch)), 1 / 1.3),
                 (Side("PyTorch, torch.compile, grouped", torch("classify-many-32" + COMPILED)), None),
                 (Side("ONNX Runtime fp32, grouped", *many(onnx, "fp32-")), None),
                 (Side("ONNX Runtime int8, grouped", *many(onnx, "int8-"), checked=False), None)],
                unit="ms", per_item=256)],
        "decode": [
            Comparison(
                "greedy decode with cache, a token", "decode", Side("", java("decode")),
                [(Side("PyTorch, generate", torch("decode")), 0.8),
                 (Side("Jlama 0.8.4, JDK 25 with Vector API; gets other tokens", jlama("decode"),
                       checked=False), None)],
                unit="ms", per_item=64),
            Comparison(
                "greedy decode with cache, a token, our int8 weights", "decode",
                Side("", java("decode-int8")),
                [(Side("PyTorch, generate", torch("decode"), checked=False), 0.35)],
                unit="ms", per_item=64)],
        "tokenizer": [
            Comparison(
                f"tokenizer encode, one thread, {what}", None, Side("", java(f"encode-{kind}")),
                [(Side("HF tokenizers", python("tokenizers_worker.py", f"encode-{kind}")), 0.5),
                 (Side("JTokkit", java(f"jtokkit-{kind}")), 0.5)], unit="ms")
            for kind, what in [("prose", "1 MB of prose"), ("sms", "5,574 SMS")]],
    }


def say(text):
    print(text, file=sys.stderr, flush=True)


class Runner:
    """A side's process, its timings of every round and its BLAS's rates."""

    def __init__(self, side, stack, inputs, warm):
        self.side, self.error, self.rounds, self.rates, self.values = side, None, [], [], None
        try:
            self.process, self.items = self._fastest(stack, inputs, warm)
        except RuntimeError as e:
            self.error = str(e)

    def _fastest(self, stack, inputs, warm):
        """Starts the candidates, lets each warm up, and keeps the fastest."""
        best = None
        for command in self.side.commands:
            process = stack.enter_context(Process(command, inputs))
            items = min(process.ask("items")["items"], self.side.items)
            self.values = process.ask("check")["check"]
            self._warm_up(process, items, warm)
            seconds = 0
            if len(self.side.commands) > 1:
                seconds = sum(process.ask(f"run {items}")["seconds"])
            if best is None or seconds < best[0]:
                best, process = (seconds, process, items), best and best[1]
            if process:
                process.close()
        return best[1:]

    def _warm_up(self, process, items, seconds):
        """Compilers at run time and caches settle, on both sides."""
        start = time.monotonic()
        process.ask(f"run {min(items, 3)}")
        while time.monotonic() - start < seconds:
            process.ask(f"run {items}")

    def round(self, sgemm):
        if self.error:
            return
        time.sleep(0.1)  # the threads of the side before stop spinning
        try:
            self.rounds.append(self.process.ask(f"run {self.items}")["seconds"])
            if sgemm:
                self.rates += self.process.ask("sgemm")["rates"]
        except RuntimeError as e:
            self.error = str(e)

    def seconds(self):
        """Mean over the items of the median over the rounds."""
        return statistics.mean(statistics.median(times) for times in zip(*self.rounds))

    def rate(self):
        return statistics.median(self.rates) if self.rates else None

    def job(self):
        return self.process.job


def agree(ours, theirs):
    """Whether both got the same numbers from the same work."""
    return len(ours) == len(theirs) and all(
        abs(a - b) <= 1e-3 * max(1, abs(a)) for a, b in zip(ours, theirs))


def compare(comparison, rounds, warm, inputs):
    """The table's rows of one comparison, each process warmed up for some seconds."""
    say(f"{comparison.title}: starting")
    with contextlib.ExitStack() as stack:
        runners = [Runner(side, stack, inputs, warm)
                   for side in [comparison.ours, *(side for side, _ in comparison.theirs)]]
        for n in range(rounds):
            for runner in runners:
                runner.round(sgemm=runner.side.commands[0].has_blas and comparison.work is not None)
            say(f"  round {n + 1} of {rounds}: " + ", ".join(
                f"{sum(r.rounds[-1]):.3g} s" if not r.error else "failed" for r in runners))
    ours = runners[0]
    if ours.error:
        raise SystemExit(f"{comparison.title}: our side failed: {ours.error}")
    rows = []
    for runner, (side, goal) in zip(runners[1:], comparison.theirs):
        if not runner.error and side.checked and not agree(ours.values, runner.values):
            runner.error = f"does other work: expected {ours.values[:4]}, found {runner.values[:4]}"
        rows.append(report.time_row(comparison, ours, runner, goal, inputs))
    return rows


def peak_memory(quick, inputs):
    """Rows of the peak memory of a process that does LoRA steps."""
    say("peak memory: starting")
    peaks = {}
    for name, command, items in [("ours", java("lora-random"), 20),
                                 ("PyTorch + peft, padded to 120", torch("lora-padded"), 3),
                                 ("PyTorch + peft, dynamic padding", torch("lora-dynamic"), 20)]:
        with Process(command, inputs) as process:
            process.ask(f"run {3 if quick else items}")
            peaks[name] = process.ask("memory")["bytes"]
    ours = peaks.pop("ours")
    return [report.memory_row("peak memory, LoRA steps of batch 16", ours, name, theirs, 0.6)
            for name, theirs in peaks.items()]


def prepare(inputs, chosen):
    """Writes the inputs where they are not there yet."""
    shared = os.path.join(os.path.dirname(ROOT), "shared")
    for path in [shared, JAR]:
        if not os.path.exists(path):
            raise SystemExit(f"error: {path}: expected it here, see benchmarks/README.md")
    if not os.path.exists(os.path.join(inputs, "decode.json")):
        say("writing the inputs")
        split = os.path.join(inputs, "split")
        training = os.path.join(ROOT, "training/target/training.jar")
        subprocess.run(["java", "-jar", training, "split", "--output", split, "--data",
                        os.path.join(shared, "data", "SMSSpamCollection")],
                       check=True, stdout=subprocess.DEVNULL)
        run_script("inputs.py", inputs, shared, os.path.join(split, "train.csv"))
    onnx_file = os.path.join(inputs, "onnx/model-int8.onnx")
    if any(name.startswith("classify") for name in chosen) and not os.path.exists(onnx_file):
        say("exporting to ONNX")
        run_script("export_onnx.py", inputs)
    if "decode" in chosen:
        if not os.path.exists(os.path.join(JLAMA, "target/lib")):
            say("fetching Jlama")
            subprocess.run(["mvn", "-B", "-q", "-f", os.path.join(JLAMA, "pom.xml"),
                            "dependency:copy-dependencies"], stdout=sys.stderr)
        if not os.path.exists(os.path.join(inputs, "jlama")):
            run_script("export_jlama.py", inputs)


def run_script(name, *arguments):
    done = subprocess.run([sys.executable, os.path.join(PYTHON_SIDE, name), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(f"error: {name} failed:\n{done.stdout}")


def main():
    names = [*groups(True), "memory"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", action="append", choices=names, metavar="NAME",
                        help="only these, of: " + ", ".join(names))
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (5)")
    parser.add_argument("--quick", action="store_true",
                        help="one round of few items without torch.compile: to see that all runs")
    parser.add_argument("--no-compile", action="store_true", help="without torch.compile")
    parser.add_argument("--inputs", metavar="DIR",
                        help="keep the inputs there, or use those that are there")
    parser.add_argument("--java-options", default="", metavar="OPTIONS",
                        help='for our side, such as "--add-modules jdk.incubator.vector"')
    parser.add_argument("--output", metavar="FILE", help="write the table there too")
    args = parser.parse_args()
    chosen = args.only or names
    processes.JAVA_OPTIONS += args.java_options.split()

    with contextlib.ExitStack() as stack:
        inputs = args.inputs or stack.enter_context(tempfile.TemporaryDirectory())
        os.makedirs(inputs, exist_ok=True)
        prepare(inputs, chosen)
        usage = report.Usage()
        rows = []
        for name, comparisons in groups(args.quick).items():
            for comparison in comparisons if name in chosen else []:
                if args.quick or args.no_compile:
                    comparison.theirs = [t for t in comparison.theirs
                                         if not t[0].commands[0].job.endswith(COMPILED)]
                rounds, warm = (1, 0) if args.quick else (args.rounds, WARM_UP)
                rows += compare(comparison, rounds, warm, inputs)
        if "memory" in chosen:
            rows += peak_memory(args.quick, inputs)
        text = report.document(rows, usage, inputs, sys.argv[1:])
    print(text, end="")
    if args.output:
        with open(args.output, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)


if __name__ == "__main__":
    main()
