#!/usr/bin/env python3
"""How far the labels of messages can be told by their surface alone: a logistic regression on links,
digits, length and case, in five folds. Run by hand, Python 3.11 with numpy 2:
    python3 dataset/surface_features.py FILE.tsv...
What it finds is what a training on the messages might learn in place of their meaning.
"""
import re
import sys

import numpy

FEATURES = {
    "link": lambda t: bool(re.search(r"\w\.[a-z]{2,}(/|\b)|://", t)),
    "digits": lambda t: sum(c.isdigit() for c in t) / len(t),
    "any digit": lambda t: any(c.isdigit() for c in t),
    "long number": lambda t: bool(re.search(r"\d[\d \-]{6,}\d", t)),
    "code": lambda t: bool(re.search(r"\b\d{4,8}\b", t)),
    "amount": lambda t: bool(re.search(r"[$£€₦₱₹]|\b(Rs|R|Ksh|KES|INR|NGN|PHP|P|USD|A\$|S\$)\.? ?\d", t)),
    "characters": lambda t: min(len(t), 320) / 160,
    "characters squared": lambda t: (min(len(t), 320) / 160) ** 2,
    "short": lambda t: len(t) < 30,
    "capitals": lambda t: sum(c.isupper() for c in t) / len(t),
    "word in capitals": lambda t: bool(re.search(r"\b[A-Z]{3,}\b", t)),
    "begins small": lambda t: t[0].islower(),
    "exclamation": lambda t: "!" in t,
    "question": lambda t: "?" in t,
    "colon": lambda t: ":" in t[:25],
    "masked": lambda t: bool(re.search(r"[xX*]{2,}", t)),
    "ends with stop": lambda t: t.rstrip().endswith("."),
    "beyond ASCII": lambda t: not t.isascii(),
}


def read(path):
    """(label, text) of lines of label TAB text, whatever columns follow; a header is passed over."""
    for line in open(path, encoding="utf-8"):
        columns = line.rstrip("\n").split("\t")
        if columns[0] in ("ham", "spam"):
            yield columns[0], columns[1]


def fit(x, y):
    w = numpy.zeros(x.shape[1])
    for _ in range(30):  # Newton's method with a small ridge
        p = 1 / (1 + numpy.exp(-x @ w))
        h = (x * (p * (1 - p))[:, None]).T @ x + 0.1 * numpy.eye(len(w))
        w -= numpy.linalg.solve(h, x.T @ (p - y) + 0.1 * w)
    return w


def mcc(y, said):
    return numpy.corrcoef(y, said)[0, 1]


rows = [row for path in sys.argv[1:] for row in read(path)]
y = numpy.array([label == "spam" for label, _ in rows], dtype=float)
x = numpy.array([[float(f(text)) for f in FEATURES.values()] for _, text in rows])
x = (x - x.mean(0)) / (x.std(0) + 1e-9)
x = numpy.hstack([x, numpy.ones((len(x), 1))])
folds = numpy.random.default_rng(1).permutation(len(y)) % 5
said = numpy.zeros(len(y))
for k in range(5):
    said[folds == k] = x[folds == k] @ fit(x[folds != k], y[folds != k]) > 0
print(f"{len(y)} messages, {int(y.sum())} spam: accuracy {(said == y).mean():.3f}, MCC {mcc(y, said):.3f}")
for name, weight in sorted(zip(FEATURES, fit(x, y)), key=lambda pair: -abs(pair[1])):
    f = numpy.array([float(FEATURES[name](text)) for _, text in rows])
    print(f"  {name:20s} weight {weight:+.2f}   mean of ham {f[y == 0].mean():.3f}, of spam {f[y == 1].mean():.3f}")
