#!/usr/bin/env python3
"""Checks that sample-sms.tsv owes nothing to the UCI collection. Run by hand, Python 3.11:
    python3 dataset/check_sample.py PATH/TO/SMSSpamCollection
Fails if two messages are equal, one equals a UCI message (lower case, spaces collapsed), or
shares SHARED_WORDS words in a row with one.
"""
import pathlib
import re
import sys

SHARED_WORDS = 6


def texts(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    return [line.split("\t", 1)[1] for line in lines if line]


def normalized(text):
    return " ".join(text.lower().split())


def runs(text):
    words = re.findall(r"[a-z0-9£$']+", text.lower().replace("\u2019", "'"))
    return {tuple(words[i:i + SHARED_WORDS]) for i in range(len(words) - SHARED_WORDS + 1)}


ours = texts(pathlib.Path(__file__).with_name("sample-sms.tsv"))
uci = texts(sys.argv[1])
uci_texts = {normalized(text) for text in uci}
uci_runs = set().union(*map(runs, uci))
equal = [text for text in ours if normalized(text) in uci_texts]
shared = [text for text in ours if runs(text) & uci_runs]
repeated = len(ours) - len({normalized(text) for text in ours})
print(f"{len(ours)} messages: {repeated} repeated, {len(equal)} equal to a UCI message, "
      f"{len(shared)} share {SHARED_WORDS} words in a row with one")
for text in equal + shared:
    print("  " + text)
sys.exit(1 if repeated or equal or shared else 0)
