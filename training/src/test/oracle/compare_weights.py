"""How much rounded weights change what a classifier says: two outputs of `classify --json` over the
same messages, such as

    cut -f2 SMSSpamCollection | java -jar training.jar classify --json > f32.jsonl
    cut -f2 SMSSpamCollection | java -jar training.jar classify --json --weights int8 > int8.jsonl
    python3 compare_weights.py f32.jsonl int8.jsonl

Prints the logits' errors and the share of changed labels; fails above 0.1 %. Python 3.9, no package.
"""

import json
import math
import sys


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


expected, actual = (read(path) for path in sys.argv[1:3])
if not expected or [e["text"] for e in expected] != [a["text"] for a in actual]:
    sys.exit("error: expected the same messages in both files, at least one")
errors = [abs(x - y) for e, a in zip(expected, actual) for x, y in zip(e["logits"], a["logits"])]
logits = [x for e in expected for x in e["logits"]]
changed = [(e, a) for e, a in zip(expected, actual) if e["label"] != a["label"]]
print(f"{len(expected)} messages, logits of size {math.sqrt(sum(x * x for x in logits) / len(logits)):.3f} (rms)")
print(f"logit error: {math.sqrt(sum(x * x for x in errors) / len(errors)):.4f} (rms), {max(errors):.4f} (max)")
print(f"changed labels: {len(changed)}, {100 * len(changed) / len(expected):.3f} %")
for e, a in changed:
    print(f"  {e['label']} {e['score']:.3f} -> {a['label']} {a['score']:.3f}: {e['text'][:60]}")
sys.exit(len(changed) > len(expected) / 1000)
