"""Checks an adapter directory we wrote, and what our classifier said with it, against stock peft.

Run by hand; no test needs it.  Python 3.11, torch 2.13.0, transformers 5.18.0, peft 0.21.0:

  python check_adapter.py --base BASE_DIR --adapter ADAPTER_DIR --classified OUT.jsonl --max-length 120

OUT.jsonl is what `classify --json` printed: per line text, label, score, logits, token_ids (the ids
really fed to the model).  It checks, and exits with 1 and a sentence per failure unless all hold:
  - base and adapter load without a warning, without missing, unexpected or misshapen tensors (the base
    may lack score.weight, which the adapter must then bring)
  - each line's logits differ by at most --tolerance from peft's for the same token_ids, fed one line at a
    time without padding; the label is the one with the largest logit, the score its softmax probability
  - the tokenizer saved in the adapter directory gives the same token_ids for text under transformers,
    truncated to --max-length; special tokens written in the text count as ordinary text
"""

import argparse
import json
import logging
import sys
import warnings
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import safe_open
from transformers import GPT2ForSequenceClassification, GPT2TokenizerFast


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--base", type=Path, required=True, help="directory of the GPT-2 base (config.json, model.safetensors)")
    p.add_argument("--adapter", type=Path, required=True, help="directory of the adapter, with config.json and the tokenizer")
    p.add_argument("--classified", type=Path, required=True, help="JSON lines printed by classify --json")
    p.add_argument("--max-length", type=int, help="truncate to so many tokens, as classify did")
    p.add_argument("--tolerance", type=float, default=1e-4, help="largest allowed difference of a logit")
    return p.parse_args()


class LoggedWarnings(logging.Handler):
    """Collects what transformers and peft log at WARNING or above."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def load(args, id2label, failures):
    base, loading = GPT2ForSequenceClassification.from_pretrained(
        args.base, num_labels=len(id2label), id2label=id2label, label2id={v: k for k, v in id2label.items()},
        attn_implementation="eager", dtype=torch.float32, output_loading_info=True)
    # transformers logs a new score.weight itself; the adapter brings the trained one.
    missing = {str(k) for k in loading["missing_keys"]} - {"score.weight"}
    for kind, keys in [("missing", missing), ("unexpected", loading["unexpected_keys"]),
                       ("misshapen", loading["mismatched_keys"])]:
        if keys:
            failures.append(f"{args.base}: {kind} tensors {sorted(map(str, keys))}")
    with safe_open(args.adapter / "adapter_model.safetensors", "pt") as f:
        in_file = set(f.keys())
    if "score.weight" in loading["missing_keys"] and not any(k.endswith("score.weight") for k in in_file):
        failures.append(f"{args.adapter}: neither base nor adapter has score.weight")

    logged = LoggedWarnings()
    for name in ("transformers", "peft"):
        logging.getLogger(name).addHandler(logged)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(base, args.adapter).eval()
    for message in [str(w.message) for w in caught] + logged.messages:
        failures.append(f"{args.adapter}: warning while loading: {message}")
    # peft ignores tensors it has no place for; we do not.
    trained = {n.replace(".default", "").replace(".modules_to_save", "") for n in model.state_dict()}
    for key in sorted(in_file - trained):
        failures.append(f"{args.adapter}: peft has no place for tensor {key}")
    return model


def main():
    args = arguments()
    failures = []
    config = json.loads((args.adapter / "config.json").read_text(encoding="utf-8"))
    id2label = {int(k): v for k, v in config["id2label"].items()}
    model = load(args, id2label, failures)
    tokenizer = GPT2TokenizerFast.from_pretrained(args.adapter, split_special_tokens=True)  # text stays text

    rows = [json.loads(line) for line in args.classified.read_text(encoding="utf-8").split("\n") if line.strip()]
    if not rows:
        failures.append(f"{args.classified}: no lines")
    worst = worst_score = 0.0
    for number, row in enumerate(rows, 1):
        where = f"{args.classified}, line {number}"
        truncation = dict(truncation=True, max_length=args.max_length) if args.max_length else {}
        ids = tokenizer(row["text"], add_special_tokens=False, **truncation)["input_ids"]
        if ids != row["token_ids"]:
            failures.append(f"{where}: token_ids {row['token_ids']}, but the saved tokenizer gives {ids}")
        if not row["token_ids"]:
            failures.append(f"{where}: no token_ids, nothing to feed")
            continue
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row["token_ids"]])).logits[0]
        ours = torch.tensor(row["logits"])
        if ours.shape != logits.shape:
            failures.append(f"{where}: {len(ours)} logits, expected {len(logits)}")
            continue
        difference = (ours - logits).abs().max().item()
        worst = max(worst, difference) if difference == difference else float("nan")
        if not difference <= args.tolerance:
            failures.append(f"{where}: logits {row['logits']}, peft has {logits.tolist()}")
        best = int(logits.argmax())
        if row["label"] != id2label[best] and (logits[best] - logits.sort().values[-2]).item() > args.tolerance:
            failures.append(f"{where}: label {row['label']!r}, peft has {id2label[best]!r}")
        probability = dict(zip(id2label.values(), logits[list(id2label)].softmax(0).tolist())).get(row["label"])
        score_off = abs(probability - row["score"]) if probability is not None else float("nan")
        worst_score = max(worst_score, score_off)
        if not score_off <= args.tolerance:
            failures.append(f"{where}: score {row['score']} of label {row['label']!r}, peft has {probability}")

    print(f"{len(rows)} lines, max abs logit difference {worst:.3e}, max score difference {worst_score:.3e}")
    for failure in failures:
        print("FAIL", failure)
    print("FAILED" if failures else "OK")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
