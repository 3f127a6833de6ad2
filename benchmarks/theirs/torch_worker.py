"""PyTorch's side: `python torch_worker.py JOB INPUTS`, see worker.py.

JOB is lora-padded, lora-dynamic, lora-grouped, full-step, classify-one, classify-many-N (batches of N,
longest first) or decode; with `+compile` at its end the model goes through torch.compile first.
"""

import os
import sys

import worker  # first: it takes standard output

import torch
from torch.nn.functional import pad
from transformers import AutoTokenizer, GPT2ForSequenceClassification, GPT2LMHeadModel

PAD = 50256
MAX_LENGTH = 120


def padded(sequences, length=None):
    """Right-padded ids and mask, [B, length or the longest]."""
    length = length or max(map(len, sequences))
    ids = torch.stack([pad(torch.tensor(s), (0, length - len(s)), value=PAD) for s in sequences])
    mask = torch.stack([(torch.arange(length) < len(s)).long() for s in sequences])
    return ids, mask


def training_step(model, parameters):
    """What the Trainer does in a step with its defaults."""
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.0, fused=True)

    def step(**batch):
        model.train()
        optimizer.zero_grad()
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    return step


def loss(model, **batch):
    model.eval()
    with torch.no_grad():
        return [model(**batch).loss.item()]


def lora(inputs, kind, compiled):
    from peft import LoraConfig, TaskType, get_peft_model

    model = GPT2ForSequenceClassification.from_pretrained(os.path.join(inputs, "model"))
    model = get_peft_model(model, LoraConfig(
        task_type=TaskType.SEQ_CLS, r=8, lora_alpha=32, lora_dropout=0.1,
        target_modules=["c_attn", "c_proj"], fan_in_fan_out=True))
    batches = worker.read(inputs, "lora-grouped" if kind == "grouped" else "lora-random")
    length = MAX_LENGTH if kind == "padded" else None

    def batch(i):
        ids, mask = padded(batches[i]["inputIds"], length)
        return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor(batches[i]["labels"])}

    forward = torch.compile(model, dynamic=length is None) if compiled else model
    step = training_step(forward, [p for p in model.parameters() if p.requires_grad])
    return worker.Job(len(batches), lambda i: step(**batch(i)), lambda: loss(model, **batch(0)))


def full_step(inputs, compiled):
    model = GPT2LMHeadModel.from_pretrained(os.path.join(inputs, "model"))
    batches = [torch.tensor(b) for b in worker.read(inputs, "full-step")]
    forward = torch.compile(model) if compiled else model
    step = training_step(forward, list(model.parameters()))
    return worker.Job(len(batches), lambda i: step(input_ids=batches[i], labels=batches[i]),
                      lambda: loss(model, input_ids=batches[0], labels=batches[0]))


def classifier(inputs, compiled):
    """A function from texts to logits [N, 2]."""
    directory = os.path.join(inputs, "model")
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = GPT2ForSequenceClassification.from_pretrained(directory).eval()
    forward = torch.compile(model, dynamic=True) if compiled else model

    @torch.inference_mode()
    def logits(texts):
        batch = tokenizer(texts, truncation=True, padding=len(texts) > 1, return_tensors="pt")
        return forward(**batch).logits

    return tokenizer, logits


def classify_one(inputs, compiled):
    _, logits = classifier(inputs, compiled)
    texts = worker.read(inputs, "classify-one")
    return worker.Job(len(texts), lambda i: logits([texts[i]]).argmax().item(),
                      lambda: [x for t in texts[:8] for x in logits([t])[0].tolist()])


def longest_first(tokenizer, texts):
    lengths = [len(ids) for ids in tokenizer(texts)["input_ids"]]
    return sorted(range(len(texts)), key=lambda i: -lengths[i])


def classify_many(inputs, size, compiled):
    tokenizer, logits = classifier(inputs, compiled)
    texts = worker.read(inputs, "classify-many")

    def run(_=0, texts=texts):
        order = longest_first(tokenizer, texts)
        results = [None] * len(texts)
        for at in range(0, len(order), size):
            indices = order[at:at + size]
            for i, row in zip(indices, logits([texts[i] for i in indices]).tolist()):
                results[i] = row
        return results

    return worker.Job(1, run, lambda: [x for row in run(texts=texts[:8]) for x in row])


def decode(inputs):
    model = GPT2LMHeadModel.from_pretrained(os.path.join(inputs, "model")).eval()
    task = worker.read(inputs, "decode")
    prompt = torch.tensor([task["prompt"]])

    @torch.inference_mode()
    def generate():
        new = task["newTokens"]
        return model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=False, use_cache=True,
            min_new_tokens=new, max_new_tokens=new, eos_token_id=None, pad_token_id=PAD)

    return worker.Job(1, lambda _: generate(), lambda: generate()[0, prompt.size(1):].tolist())


def job(name, inputs):
    name, _, compiled = name.partition("+")
    kind = name.rpartition("-")[2]
    if name.startswith("lora-"):
        return lora(inputs, kind, compiled)
    if name.startswith("classify-many-"):
        return classify_many(inputs, int(kind), compiled)
    return {"full-step": lambda: full_step(inputs, compiled),
            "classify-one": lambda: classify_one(inputs, compiled),
            "decode": lambda: decode(inputs)}[name]()


def sgemm():
    import time

    a, b = torch.rand(480, 768), torch.rand(768, 3072)
    c = torch.empty(480, 3072)
    rates = []
    for _ in range(20):
        start = time.perf_counter()
        torch.mm(a, b, out=c)
        rates.append(2 * 480 * 768 * 3072 / (time.perf_counter() - start))
    return rates


def describe():
    import peft
    import transformers

    mkl = next(line for line in torch.__config__.show().splitlines() if "Math Kernel" in line)
    return {"torch": torch.__version__, "mkl": mkl.strip(" -"), "threads": torch.get_num_threads(),
            "transformers": transformers.__version__, "peft": peft.__version__}


if __name__ == "__main__":
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    worker.serve(job(sys.argv[1], sys.argv[2]), describe, sgemm)
