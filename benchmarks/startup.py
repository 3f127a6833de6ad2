"""Time from `java` to the answer of `classify` for one message, jars taking turns.

    python benchmarks/startup.py training/target/training.jar [OTHER.jar ...] [--runs 10] [--java-options "..."]

Two models: an adapter on a local GPT-2 of full size (12x768, seeded weights, GPT-2's vocabulary from
../shared/gpt2-tokenizer), and one on the bundled base. Both are made on the first run, in --work.
Prints medians: the whole process as seen from outside, its processor time and peak resident memory,
and what --timings says. Python 3.9 or newer with numpy.
"""

import argparse
import json
import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "gpt2-core/src/test/resources/fixtures"))
TEXT = "You have WON a guaranteed £1000 prize! Call now to claim"


def shapes(layers=12, c=768, vocab=50257, positions=1024):
    yield "wte.weight", (vocab, c)
    yield "wpe.weight", (positions, c)
    for i in range(layers):
        for name, rows, columns in [
            ("attn.c_attn", c, 3 * c), ("attn.c_proj", c, c), ("mlp.c_fc", c, 4 * c), ("mlp.c_proj", 4 * c, c)
        ]:
            yield f"h.{i}.{name}.weight", (rows, columns)
            yield f"h.{i}.{name}.bias", (columns,)
        for norm in "ln_1", "ln_2":
            yield f"h.{i}.{norm}.weight", (c,)
            yield f"h.{i}.{norm}.bias", (c,)
    yield "ln_f.weight", (c,)
    yield "ln_f.bias", (c,)


def make_base(directory: Path):
    """A GPT-2 of full size: config.json, model.safetensors, the tokenizer's files."""
    import seeded

    directory.mkdir(parents=True)
    for file in "tokenizer.json", "vocab.json", "merges.txt":
        shutil.copyfile(ROOT.parent / "shared/gpt2-tokenizer" / file, directory / file)
    (directory / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    header, end = {}, 0
    for name, shape in shapes():
        start, end = end, end + 4 * int(seeded.np.prod(shape))
        header["transformer." + name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(directory / "model.safetensors", "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes():
            f.write(seeded.tensor(name, shape, 1).tobytes())


def train(jar, output: Path, *options):
    subprocess.run(
        ["java", "-jar", jar, "train", "--data", ROOT / "dataset/sample-sms.tsv", "--output", output,
         "--max-steps", "1", "--eval-steps", "0", *options],
        check=True, stdout=subprocess.DEVNULL)


def timings_option(jar):
    """Jars from before --timings are measured from outside only."""
    help = subprocess.run(["java", "-jar", jar, "classify", "--help"], capture_output=True, text=True).stdout
    return ["--timings"] if "--timings" in help else []


def measure(command):
    """One run: milliseconds by name, and peak MiB."""
    with tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        err.seek(0)
        text = err.read().decode()
    if status:
        sys.exit(text)
    figures = {"process": wall * 1e3, "cpu": (usage.ru_utime + usage.ru_stime) * 1e3}
    figures.update((name, float(ms)) for name, ms in re.findall(r"(\w+)(?:, beside the rest,)? (\d+) ms", text))
    figures["peak MiB"] = usage.ru_maxrss / 1024
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jars", nargs="+")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "gpt2j-startup")
    parser.add_argument("--java-options", default="", help="given to each JVM")
    args = parser.parse_args()
    base = args.work / "base"
    if not (base / "model.safetensors").exists():
        # In a process of its own: a child's peak memory counts from its parent's.
        maker = multiprocessing.get_context("spawn").Process(target=make_base, args=(base,))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit(f"{base}: the base cannot be made")
    models = {"local 12x768": [args.work / "local", "--base", base], "bundled": [args.work / "bundled"]}
    for model in models.values():
        if not model[0].exists():
            train(args.jars[0], model[0], *model[1:])
    options = {jar: timings_option(jar) for jar in args.jars}
    for title, model in models.items():
        runs = {jar: [] for jar in args.jars}
        for _ in range(args.runs + 1):  # the first warms the disk cache and JavaCPP's
            for jar in args.jars:
                command = ["java", *args.java_options.split(), "-jar", jar, "classify", *options[jar]]
                runs[jar].append(measure([*command, "--model", *model, TEXT]))
        for jar, figures in runs.items():
            figures = figures[1:]
            line = ", ".join(
                f"{name} {statistics.median(f[name] for f in figures):.0f}" for name in figures[0])
            fastest = min(f["process"] for f in figures)
            print(f"{title}, {jar}: {line}; fastest process {fastest:.0f}", flush=True)


if __name__ == "__main__":
    main()
