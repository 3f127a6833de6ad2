"""ONNX Runtime's side: `python onnx_worker.py classify-one-KIND|classify-many-KIND-N INPUTS`, see
worker.py. KIND is fp32 or int8 (dynamic quantisation), N the size of the batches, longest first.
"""

import os
import sys

import worker  # first: it takes standard output

import numpy
import onnxruntime
from tokenizers import Tokenizer

PAD = 50256
MAX_LENGTH = 120


def classifier(inputs, kind):
    """GPT-2's tokenizer and a function from lists of ids to logits [N, 2]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count()
    options.inter_op_num_threads = 1
    name = {"fp32": "model.onnx", "int8": "model-int8.onnx"}[kind]
    session = onnxruntime.InferenceSession(
        os.path.join(inputs, "onnx", name), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(os.path.join(inputs, "model", "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_LENGTH)

    def logits(sequences):
        longest = max(map(len, sequences))
        ids = numpy.full((len(sequences), longest), PAD, dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, s in enumerate(sequences):
            ids[row, :len(s)] = s
            mask[row, :len(s)] = 1
        return session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    return tokenizer, logits


def classify_one(inputs, kind):
    tokenizer, logits = classifier(inputs, kind)
    texts = worker.read(inputs, "classify-one")

    def run(i):
        return logits([tokenizer.encode(texts[i]).ids])[0]

    return worker.Job(len(texts), run, lambda: [x for i in range(8) for x in run(i).tolist()])


def classify_many(inputs, kind, size):
    tokenizer, logits = classifier(inputs, kind)
    texts = worker.read(inputs, "classify-many")

    def run(_=0, texts=texts):
        ids = [e.ids for e in tokenizer.encode_batch_fast(texts)]
        order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
        results = [None] * len(ids)
        for at in range(0, len(order), size):
            indices = order[at:at + size]
            for i, row in zip(indices, logits([ids[i] for i in indices]).tolist()):
                results[i] = row
        return results

    return worker.Job(1, run, lambda: [x for row in run(texts=texts[:8]) for x in row])


def job(name, inputs):
    words = name.split("-")
    if words[1] == "one":
        return classify_one(inputs, words[2])
    return classify_many(inputs, words[2], int(words[3]))


if __name__ == "__main__":
    worker.serve(job(sys.argv[1], sys.argv[2]), lambda: {"onnxruntime": onnxruntime.__version__})
