#!/usr/bin/env python3
"""Checks that our own messages owe nothing to the UCI collection. Run by hand, Python 3.11:
    python3 dataset/check_messages.py PATH/TO/SMSSpamCollection
Each file is compared with the UCI collection; what is measured with also with what was trained on
before, what is trained on with all that is measured with. Fails if one equals another source's message once normalized or
shares so many words in a row with one, or if two messages that are meant to be different are near copies.
"""
import difflib
import itertools
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
NEAR_COPY = 0.75  # difflib's ratio of the two sequences of words


def texts(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    return [line.split("\t")[1] for line in lines if line and not line.startswith("label\t")]


def words(text):
    """Lower-case words; apostrophes vanish and all numbers are the same number."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("'", "")
    return re.findall(r"[^\W_]+", re.sub(r"\d+", "0", text))


def normalized(text):
    return "".join(words(text))


def runs(text, length):
    found = words(text)
    return {tuple(found[i:i + length]) for i in range(len(found) - length + 1)}


def near(one, two):
    matcher = difflib.SequenceMatcher(None, words(one), words(two), autojunk=False)
    return matcher.quick_ratio() >= NEAR_COPY and matcher.ratio() >= NEAR_COPY


def check(name, others, length, find_copies=True):
    """Prints what was found; returns the number of messages at fault."""
    ours = texts(HERE / name)
    known = {normalized(text) for text in others}
    known_runs = set().union(*(runs(text, length) for text in others))
    copies = [two for one, two in itertools.combinations(ours if find_copies else [], 2)
              if normalized(one) == normalized(two) or near(one, two)]
    equal = [text for text in ours if normalized(text) in known]
    shared = [text for text in ours if runs(text, length) & known_runs]
    print(f"{name}: {len(ours)} messages, {len(copies) if find_copies else '?'} near copies of one another, {len(equal)} "
          f"equal to one of {len(others)} others, {len(shared)} share {length} words in a row")
    for text in copies + equal + shared:
        print("  " + text)
    return len(copies) + len(equal) + len(shared)


uci = texts(sys.argv[1])
sample, of_2025, dev, test = (
    texts(HERE / name)
    for name in ("sample-sms.tsv", "messages-2025.tsv", "messages-dev.tsv", "messages-test.tsv"))
faults = check("sample-sms.tsv", uci, 6)
faults += check("messages-2025.tsv", uci + sample, 5)
faults += check("messages-train.tsv", uci + sample + of_2025, 5, find_copies=False)
faults += check("messages-dev.tsv", uci + of_2025, 5, find_copies=False)  # twins are meant
faults += check("messages-test.tsv", uci + of_2025, 5, find_copies=False)  # twins are meant
faults += check("messages-2026.tsv", uci + of_2025 + dev + test, 5, find_copies=False)
faults += check("messages-surface.tsv", uci + of_2025 + dev + test, 5, find_copies=False)
sys.exit(1 if faults else 0)
