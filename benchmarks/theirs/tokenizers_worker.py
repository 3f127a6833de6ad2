"""Hugging Face tokenizers on one thread: `python tokenizers_worker.py encode-prose|encode-sms INPUTS`."""

import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import worker

import tokenizers


def job(name, inputs):
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(inputs, "model", "tokenizer.json"))
    tokenizer.no_truncation()
    texts = worker.read(inputs, name.partition("-")[2])

    def encode():
        # Without offsets, and one call for all: the fastest that it offers.
        return tokenizer.encode_batch_fast(texts)

    return worker.Job(1, lambda _: encode(), lambda: [sum(len(e.ids) for e in encode())])


if __name__ == "__main__":
    worker.serve(job(sys.argv[1], sys.argv[2]), lambda: {"tokenizers": tokenizers.__version__})
