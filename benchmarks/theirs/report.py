"""The table of compare.py and the description of the machine."""

import json
import os
import platform
import time
from importlib.metadata import version

from theirs.processes import Process, java, python

BLOCK_WEIGHTS = 12 * (768 * 2304 + 768 * 768 + 2 * 768 * 3072)
FLOPS_PER_WEIGHT = {"lora": 4, "full": 6, "classify": 2, "decode": 2}


def _read(inputs, name):
    with open(os.path.join(inputs, name + ".json"), encoding="utf-8") as f:
        return json.load(f)


def useful_flops(inputs, work, items):
    """Mean of an item: 2 per weight of the blocks and token forward, 4 for a LoRA step, 6 for a full
    one; no padding, no embeddings, no head."""
    if work.startswith("lora"):
        tokens = [sum(map(len, b["inputIds"])) for b in _read(inputs, work)]
    elif work == "full-step":
        tokens = [sum(map(len, b)) for b in _read(inputs, work)]
    elif work == "decode":
        task = _read(inputs, work)
        tokens = [len(task["prompt"]) + task["newTokens"] - 1]
    else:
        tokens = _read(inputs, "tokens")[work]
    tokens = tokens[:items]
    return FLOPS_PER_WEIGHT[work.partition("-")[0]] * BLOCK_WEIGHTS * sum(tokens) / len(tokens)


def _share(inputs, work, runner):
    """Share of the sgemm rate that its own BLAS reached in the same run, in percent."""
    if work is None or runner.rate() is None:
        return ""
    flops = useful_flops(inputs, work, runner.items)
    return f"{100 * flops / runner.seconds() / runner.rate():.0f} %"


def _time(seconds, unit):
    return f"{seconds * {'s': 1, 'ms': 1e3}[unit]:.3g} {unit}"


def _verdict(ratio, goal):
    if goal is None:
        return ["", ""]
    return [f"≤ {goal:.2f}", "yes" if ratio <= goal else "no"]


def time_row(comparison, ours, theirs, goal, inputs):
    """Cells of a row: job, ours, other, theirs, ours / theirs, goal, met, shares, rates."""
    def shown(runner):
        return _time(runner.seconds() / comparison.per_item, comparison.unit)

    def rate(runner):
        return f"{runner.rate() / 1e9:.0f}" if runner.rate() else ""

    own = [comparison.title, shown(ours)]
    if theirs.error:
        return [*own, theirs.side.name, "fails: " + theirs.error.replace("|", "/"), *[""] * 7]
    name = theirs.side.name
    if len(theirs.side.commands) > 1:
        name += ", batch " + theirs.job().rpartition("-")[2]
    # Where the other side does fewer items (padded steps cost the same), ours are all of them.
    ratio = ours.seconds() / theirs.seconds()
    return [*own, name, shown(theirs), f"{ratio:.2f}", *_verdict(ratio, goal),
            _share(inputs, comparison.work, ours), _share(inputs, comparison.work, theirs),
            rate(ours), rate(theirs)]


def memory_row(title, ours, name, theirs, goal):
    ratio = ours / theirs
    return [title, f"{ours >> 20} MiB", name, f"{theirs >> 20} MiB", f"{ratio:.2f}",
            *_verdict(ratio, goal), "", "", "", ""]


class Usage:
    """What other processes took of the processor since this object was made."""

    def __init__(self):
        self.start, self.busy, self.own = time.time(), self._busy(), self._own()

    @staticmethod
    def _busy():
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _own():
        t = os.times()
        return t.user + t.system + t.children_user + t.children_system

    def others(self):
        """Share of the machine in percent; own processes count once they have ended."""
        used = self._busy() - self.busy - (self._own() - self.own)
        return 100 * max(0, used) / ((time.time() - self.start) * os.cpu_count())


def _machine(inputs):
    with open("/proc/cpuinfo") as f:
        info = dict(line.split(":", 1) for line in f.read().split("\n\n")[0].splitlines())
        info = {k.strip(): v.strip() for k, v in info.items()}
    vectors = "AVX-512" if "avx512f" in info["flags"] else "AVX2" if "avx2" in info["flags"] else "SSE"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with Process(java("classify-one"), inputs) as process:
        ours = process.ask("describe")
    with Process(python("torch_worker.py", "classify-one"), inputs) as process:
        torch = process.ask("describe")
    return [
        f"- Processor: {info['model name']}, family {info.get('cpu family')} model {info.get('model')},"
        f" {os.cpu_count()} cores, {vectors}; {memory:.0f} GiB; Linux {platform.release()}",
        f"- Ours: Java {ours['java']}; {ours['backend']}",
        f"- PyTorch {torch['torch']}, {torch['threads']} threads, {torch['mkl']};"
        f" transformers {torch['transformers']}, peft {torch['peft']}",
        f"- ONNX Runtime {version('onnxruntime')}, tokenizers {version('tokenizers')}, JTokkit 1.1.0",
    ]


HEAD = ["job", "ours", "against", "theirs", "ours / theirs", "goal", "met", "share of sgemm, ours",
        "theirs", "sgemm GFLOP/s, ours", "theirs"]


def document(rows, usage, inputs, arguments):
    others = usage.others()
    lines = ["# Side by side", ""]
    lines += _machine(inputs)
    lines += [
        f"- {time.strftime('%Y-%m-%d')}, `{' '.join(['benchmarks/compare.py', *arguments])}`; other processes"
        f" took {others:.0f} % of the processor meanwhile"
        + (": THESE FIGURES ARE NOT OF A QUIET MACHINE" if others > 5 else ""),
        "",
        "| " + " | ".join(HEAD) + " |",
        "|" + "---|" * len(HEAD),
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines += [
        "",
        "Seeded 12x768 GPT-2, float32, the same messages, batches and weights on both sides, which must"
        " get the same losses, logits and numbers of tokens first. Figures are means over items of"
        " medians over rounds. Share of sgemm: useful operations (2 per weight of the 12 blocks and"
        " token forward, 4 for a LoRA step, 6 for a full step; no padding, no head) over time, divided"
        " by the rate of a 480x768x3072 product in the same process and run.",
    ]
    return "\n".join(lines) + "\n"
