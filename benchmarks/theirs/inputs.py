"""Writes a directory with the same work for every side: a seeded 12x768 GPT-2 with a score head and
GPT-2's tokenizer, and the batches and texts as JSON.

    python inputs.py DIRECTORY SHARED TRAIN_CSV
"""

import csv
import json
import os
import random
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "gpt2-core/src/test/resources/fixtures"))

import fixture_io  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import GPT2Config, GPT2ForSequenceClassification  # noqa: E402

MAX_LENGTH = 120
BATCH = 16
BATCHES = 20
PROSE_CHARS = 1_000_000


def write_model(out: str, shared: str):
    config = GPT2Config(pad_token_id=50256, id2label={0: "ham", 1: "spam"},
                        label2id={"ham": 0, "spam": 1})
    model = GPT2ForSequenceClassification(config)
    fixture_io.seed_parameters(model, seed=123, gain=1.0)
    model.save_pretrained(out)
    for name in ["tokenizer.json", "vocab.json", "merges.txt"]:
        shutil.copyfile(os.path.join(shared, "gpt2-tokenizer", name), os.path.join(out, name))
    end = "<|endoftext|>"
    write(out, "tokenizer_config", {
        "tokenizer_class": "GPT2Tokenizer", "model_max_length": MAX_LENGTH,
        "bos_token": end, "eos_token": end, "unk_token": end, "pad_token": end})


def write(out: str, name: str, value):
    with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False)


def evenly(items: list, count: int) -> list:
    """`count` of the items, evenly spread over the list."""
    return [items[i * len(items) // count] for i in range(count)]


def main(out: str, shared: str, train_csv: str):
    write_model(os.path.join(out, "model"), shared)
    tokenizer = Tokenizer.from_file(os.path.join(shared, "gpt2-tokenizer", "tokenizer.json"))

    with open(train_csv, encoding="utf-8", newline="") as f:
        rows = [(r["Text"], int(r["Label"] == "spam")) for r in csv.DictReader(f)]
    messages = [(tokenizer.encode(text).ids[:MAX_LENGTH], label) for text, label in rows]

    # The order of an epoch, and the order in which transformers' group_by_length takes it:
    # sorted within each 50 batches.
    order = list(range(len(messages)))
    random.Random(42).shuffle(order)
    mega = 50 * BATCH
    grouped = [i for at in range(0, len(order), mega)
               for i in sorted(order[at:at + mega], key=lambda i: -len(messages[i][0]))]
    for name, indices in [("lora-random", order), ("lora-grouped", grouped)]:
        batches = [indices[at:at + BATCH] for at in range(0, len(indices) - BATCH + 1, BATCH)]
        write(out, name, [{"inputIds": [messages[i][0] for i in b],
                           "labels": [messages[i][1] for i in b]}
                          for b in evenly(batches, BATCHES)])

    by_length = sorted(range(len(rows)), key=lambda i: len(messages[i][0]))
    write(out, "classify-one", [rows[i][0] for i in evenly(by_length, 20)])
    write(out, "classify-many", [text for text, _ in evenly(rows, 256)])
    write(out, "tokens", {
        "classify-one": [len(messages[i][0]) for i in evenly(by_length, 20)],
        "classify-many": [sum(len(ids) for ids, _ in evenly(messages, 256))]})

    prose, chars = [], 0
    with open(os.path.join(shared, "corpus", "english-novels.txt"), encoding="utf-8") as f:
        for line in f:
            if chars >= PROSE_CHARS:
                break
            if line.strip():
                prose.append(line.strip())
                chars += len(line)
    write(out, "prose", prose)
    with open(os.path.join(shared, "data", "SMSSpamCollection"), encoding="utf-8", newline="\n") as f:
        write(out, "sms", [line.rstrip("\n").split("\t", 1)[1] for line in f])

    ids = tokenizer.encode("\n".join(prose[:2000])).ids
    blocks = [ids[i * 64:(i + 1) * 64] for i in range(16)]
    write(out, "full-step", [blocks[i:i + 4] for i in range(0, 16, 4)])
    write(out, "decode", {"prompt": ids[:32], "text": tokenizer.decode(ids[:32]), "newTokens": 64})


if __name__ == "__main__":
    main(*sys.argv[1:])
