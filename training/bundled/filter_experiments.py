#!/usr/bin/env python3
"""Trains filters in PyTorch with varied sources and settings, and prints how each does where one may
choose: on messages-dev, on messages of others and on the UCI validation parts. The shapes, the LoRA
and the schedule are those of `train`; the numbers behind the tables of lora_model/README.md come
from here (torch 2.11.0, tokenizers 0.23.2, one NVIDIA H200, 2026-11-28). Run by hand:

    python3 filter_experiments.py CONFIGS.json DATA BASE [--cpu] [--processes N]

DATA holds lines of label TAB text: SMSSpamCollection, dev.tsv, measure.tsv, and SOURCE.tsv for each
source; and uci-SEED/train.csv and validation.csv as `split --seed SEED --group-duplicates` writes
them. BASE holds config.json, model.safetensors and tokenizer.json. CONFIGS is a list of objects:
name, seeds (of splits), sources (name: part of it, above 1 copies), and what differs from DEFAULTS.
"""
import argparse
import collections
import csv
import json
import math
import multiprocessing
import os
import pathlib
import random
import re
import unicodedata

import numpy

DEFAULTS = dict(
    epochs=3, batch=16, lr=3e-4, weight_decay=0.01, label_smoothing=0.0, tau=0.0, r=16, lora_dropout=0.05, dropout=0.1,
    full=False, rdrop=0.0, links=0.7, digits=0.5, stop=0.3, lower=0.1, max_tokens=160)
ENDINGS = ".com .co.uk .info .net .in .xyz .org .com.au .co.za .ph .sg .co .me .top .online .ng .co.ke".split()
LINEARS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
MEASURED = ("uci-validation", "dev", "measure")


def key(text):
    """What two copies of a message have in common, as `--group-duplicates` has it."""
    text = re.sub(r"\d+", "0", unicodedata.normalize("NFKC", text).lower())
    return "".join(c for c in text if c.isalnum())


def lines(path):
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [(int(row[0] == "spam"), row[1]) for row in rows if row[0] in ("ham", "spam")]


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [(int(row[0] == "spam"), row[1]) for row in list(csv.reader(file))[1:]]


def load(data, seed):
    """All parts by name; `rest` is the collection without the copies of a split."""
    parts = {path.stem: lines(path) for path in data.glob("*.tsv")}
    split = {name: table(data / f"uci-{seed}" / f"{name}.csv") for name in ("train", "validation", "test")}
    held = {key(text) for part in split.values() for _, text in part}
    parts["uci"], parts["uci-validation"] = split["train"], split["validation"]
    parts["rest"] = [row for row in lines(data / "SMSSpamCollection") if key(row[1]) not in held]
    return parts


def augmented(text, c, rng):
    """A version of a text, as org.gpt2j.training.data.Augmentation makes it."""
    if rng.random() < c["links"]:
        text = re.sub(r"\.example\b", lambda _: rng.choice(ENDINGS), text)
    if rng.random() < c["digits"]:
        text = re.sub(r"(?<=\d)\d", lambda _: str(rng.randrange(10)), text)
    if rng.random() < c["stop"]:
        text = text[:-1] if text.endswith(".") and len(text) > 1 else text + "." if text[-1].isalnum() else text
    return text.lower() if rng.random() < c["lower"] else text


class Classifier:
    """GPT-2 with a head on the last token, and LoRA beside each of LINEARS."""

    def __init__(self, base, c, device):
        import torch
        from safetensors.torch import load_file
        self.torch, self.c, self.device, self.trained, self.lora = torch, c, device, [], {}
        config = json.loads((base / "config.json").read_text())
        self.layers, self.width, self.heads = config["n_layer"], config["n_embd"], config["n_head"]
        self.w = {name.removeprefix("transformer."): value.float().to(device)
                  for name, value in load_file(base / "model.safetensors").items()}
        for name in list(self.w) if c["full"] else ["wte.weight"]:
            self.w[name] = self.parameter(self.w[name])
        for i, name in [(i, name) for i in range(self.layers) for name in LINEARS if not c["full"]]:
            inner, outer = self.w[f"h.{i}.{name}.weight"].shape
            a = torch.empty(inner, c["r"]).uniform_(-1 / math.sqrt(inner), 1 / math.sqrt(inner))
            self.lora[i, name] = self.parameter(a), self.parameter(torch.zeros(c["r"], outer))
        self.score = self.parameter(0.02 * torch.randn(self.width, 2))

    def parameter(self, value):
        value = value.to(self.device).requires_grad_(True)
        self.trained.append(value)
        return value

    def linear(self, x, i, name, training):
        y = x @ self.w[f"h.{i}.{name}.weight"] + self.w[f"h.{i}.{name}.bias"]
        if (i, name) in self.lora:
            a, b = self.lora[i, name]
            dropped = self.torch.nn.functional.dropout(x, self.c["lora_dropout"], training)
            y = y + 2 * (dropped @ a @ b)  # lora_alpha is twice r
        return y

    def norm(self, x, name):
        return self.torch.nn.functional.layer_norm(
            x, (self.width,), self.w[name + ".weight"], self.w[name + ".bias"], 1e-5)

    def logits(self, sequences, training):
        """[B, 2] of lists of token ids."""
        torch, f, p = self.torch, self.torch.nn.functional, self.c["dropout"]
        b, t = len(sequences), max(map(len, sequences))
        ids = torch.zeros(b, t, dtype=torch.long)
        for row, sequence in zip(ids, sequences):
            row[:len(sequence)] = torch.tensor(sequence)
        last = torch.tensor([len(sequence) - 1 for sequence in sequences], device=self.device)
        x = f.dropout(f.embedding(ids.to(self.device), self.w["wte.weight"]) + self.w["wpe.weight"][:t], p, training)
        for i in range(self.layers):
            h = self.linear(self.norm(x, f"h.{i}.ln_1"), i, "attn.c_attn", training)
            q, k, v = h.view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            h = f.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p if training else 0.0)
            h = self.linear(h.transpose(1, 2).reshape(b, t, self.width), i, "attn.c_proj", training)
            x = x + f.dropout(h, p, training)
            h = self.linear(self.norm(x, f"h.{i}.ln_2"), i, "mlp.c_fc", training)
            h = self.linear(f.gelu(h, approximate="tanh"), i, "mlp.c_proj", training)
            x = x + f.dropout(h, p, training)
        return self.norm(x[torch.arange(b, device=self.device), last], "ln_f") @ self.score


def train(config, seed, data, base, device):
    """Log odds of spam of each message of MEASURED, and the labels: {part: (odds, labels)}."""
    import torch
    from tokenizers import Tokenizer
    c = {**DEFAULTS, **config}
    f = torch.nn.functional
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    encode = lambda text: tokenizer.encode(text).ids[:c["max_tokens"]] or [0]
    parts, rows = load(data, seed), []
    for name, share in c["sources"].items():
        rows += parts[name] * int(share) + rng.sample(parts[name], int((share % 1) * len(parts[name])))
    labels = numpy.array([label for label, _ in rows])
    model = Classifier(base, c, device)
    offsets = torch.tensor(c["tau"] * numpy.log([1 - labels.mean(), labels.mean()]), dtype=torch.float32, device=device)
    steps = math.ceil(len(rows) / c["batch"]) * c["epochs"]
    warm = int(0.1 * steps)
    optimizer = torch.optim.AdamW(model.trained, lr=c["lr"], weight_decay=c["weight_decay"], fused=device == "cuda")
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: s / max(1, warm) if s < warm else 0.5 * (
        1 + math.cos(math.pi * (s - warm) / max(1, steps - warm))))

    def entropy(z, y):
        return f.cross_entropy(z + offsets, y, label_smoothing=c["label_smoothing"])

    for _ in range(c["epochs"]):
        sequences = [encode(augmented(text, c, rng)) for _, text in rows]
        order = rng.sample(range(len(rows)), len(rows))
        batches = []
        for start in range(0, len(order), 50 * c["batch"]):  # near lengths together
            chunk = sorted(order[start:start + 50 * c["batch"]], key=lambda i: len(sequences[i]))
            batches += [chunk[j:j + c["batch"]] for j in range(0, len(chunk), c["batch"])]
        rng.shuffle(batches)
        for batch in batches:
            y = torch.tensor(labels[batch], device=device)
            z = model.logits([sequences[i] for i in batch], True)
            loss = entropy(z, y)
            if c["rdrop"]:
                other = model.logits([sequences[i] for i in batch], True)
                p, q = f.log_softmax(z, 1), f.log_softmax(other, 1)
                kl = [f.kl_div(u, v, log_target=True, reduction="batchmean") for u, v in ((p, q), (q, p))]
                loss = (loss + entropy(other, y)) / 2 + c["rdrop"] * sum(kl) / 2
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.trained, 1.0)
            optimizer.step()
            schedule.step()
    odds = {}
    with torch.no_grad():
        for part in MEASURED:
            said = []
            for _, text in parts[part]:
                z = model.logits([encode(text)], False)[0]
                said.append((z[1] - z[0]).item())
            odds[part] = numpy.array(said), numpy.array([label for label, _ in parts[part]])
    return odds


def roc_auc(odds, labels):
    """Area under the ROC curve: how often a spam message has higher odds than a honest one."""
    spam, ham = odds[labels == 1], odds[labels == 0]
    return (numpy.greater.outer(spam, ham) + 0.5 * numpy.equal.outer(spam, ham)).mean()


def job(arguments):
    return arguments[0]["name"], train(*arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("configs", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("base", type=pathlib.Path)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--processes", type=int, default=12)
    options = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")
    jobs = [(config, seed, options.data, options.base, "cpu" if options.cpu else "cuda")
            for config in json.loads(options.configs.read_text()) for seed in config["seeds"]]
    found = collections.defaultdict(list)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for name, odds in pool.imap_unordered(job, jobs):
            found[name].append(odds)
            print(f"{sum(map(len, found.values()))} of {len(jobs)}: {name}", flush=True)
    for name, runs in found.items():
        print(f"{name:24s}", *(
            f"{part}: ROC-AUC {numpy.mean([roc_auc(*odds[part]) for odds in runs]):.3f}, MCC "
            f"{numpy.mean([numpy.corrcoef(odds[part][0] > 0, odds[part][1])[0, 1] for odds in runs]):.3f};"
            for part in MEASURED))
