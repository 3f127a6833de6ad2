#!/usr/bin/env python3
"""Kills trainings with SIGKILL at random moments, resumes them, and compares with one that was left alone.

After every kill each checkpoint-N directory that is there must be whole: every file of checksums.json with its
SHA-256, trainer_state.json of step N, and the higher save_number the higher N. Then the directories get times at
random, as after a copy without times. A training that comes to its end must have written the same
adapter_model.safetensors, byte for byte, and the same log history (speeds left out). Moments are uniform over the
training part of a run, and small trainings with many evaluations and checkpoints make most of them fall into one:
the script counts where they fell by what the killed run left behind.

Needs a built training.jar, and no library. Run from the repository's root:
  python3 training/src/test/oracle/kill_and_resume.py [--kills 50] [--seed 1] [--jar FILE]
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ARGS = ["--data", "dataset/sample-sms.tsv", "--learning-rate", "1e-3", "--max-steps", "40", "--logging-steps", "3",
        "--eval-steps", "2", "--save-total-limit", "3", "--early-stopping-patience", "30", "--threads", "2"]


def command(jar, out, resume):
    return ["java", "-jar", jar, "train", *ARGS, "--output", str(out), *(["--resume"] if resume else [])]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checkpoints(out):
    return sorted(out.glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))


def require_whole(out):
    for c in checkpoints(out):
        sums = json.loads((c / "checksums.json").read_text())["sha256"]
        assert {"adapter_model.safetensors", "optimizer.safetensors", "scheduler.json", "training_progress.json",
                "trainer_state.json", "save_number.json"} <= sums.keys(), (c, sums)
        for name, expected in sums.items():
            assert sha256(c / name) == expected, f"{c / name} is damaged"
        assert json.loads((c / "trainer_state.json").read_text())["global_step"] == int(c.name.split("-")[1])
    numbers = [json.loads((c / "save_number.json").read_text())["save_number"] for c in checkpoints(out)]
    assert numbers == sorted(set(numbers)), numbers


def history(out):
    rows = json.loads((out / "trainer_state.json").read_text())["log_history"]
    return [{k: v for k, v in r.items() if not k.endswith(("_runtime", "_per_second"))} for r in rows]


def train_and_kill(cmd, rng, most):
    """Runs until the kill or the end; returns whether it was killed, and its last line."""
    process = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("trainable params"):
            break
    delay = rng.uniform(0, most)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.kill()
    rest = process.stdout.read()
    return process.wait() == -9, (lines + rest.splitlines(True))[-1:], "".join(lines) + rest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jar", default="training/target/training.jar")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="kill-"))
    whole = work / "whole"
    start = time.time()
    subprocess.run(command(options.jar, whole, False), check=True, stdout=subprocess.DEVNULL)
    most = time.time() - start
    expected = sha256(whole / "adapter_model.safetensors"), history(whole)
    kills = trainings = 0
    found = collections.Counter()
    while kills < options.kills:
        out = work / f"broken{trainings}"
        resume = False
        while True:
            killed, last, text = train_and_kill(command(options.jar, out, resume), rng, most)
            out.mkdir(exist_ok=True)
            require_whole(out)
            for c in checkpoints(out):
                seconds = rng.uniform(0, 4e9)
                os.utime(c, (seconds, seconds))
            if not killed:
                # A kill may come between the last file and the last line.
                assert last == [f"written: {out}\n"] or "came to its end already" in text, text
                break
            kills += 1
            left = [p.name for p in out.iterdir() if p.name.startswith(".checkpoint")]
            done = checkpoints(out)
            found["in checkpoint writing or pruning" if left else
                  "after the training" if (out / "adapter_model.safetensors").exists() else
                  "before the first checkpoint" if not done else "in a step or an evaluation"] += 1
            resume = bool(done)
        trainings += 1
        left = [p.name for p in out.iterdir() if p.name.startswith(".") and p.name != ".training.lock"]
        assert not left, left
        assert sha256(out / "adapter_model.safetensors") == expected[0], f"{out}: another adapter"
        assert history(out) == expected[1], f"{out}: another log history"
        print(f"{trainings} trainings, {kills} kills: the same adapter and log history", flush=True)
    print(dict(found))
    shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
