#!/usr/bin/env python3
"""Runs the cases of strangers' files and says of each whether we do what it expects.

A case is a folder with repro.sh, which runs the program JAR or the server SERVER_JAR and has a line
`# expected: ...`. Logits and token ids are taken from that line; what it says in words is checked by a function
of that case below. A folder that no function knows and whose line has no numbers is a failure, so that none is
passed over. Cases of tables are measured against a clean file with the same messages, written here.

Needs the built jars, no library, and for one case root (a mount). From the repository's root:
  python3 training/src/test/oracle/strangers.py FOLDER_OR_TAR_XZ [--only PART] [--jar FILE] [--server-jar FILE]
"""

import argparse
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile


class Case:
    """One folder: what it expects and what its script printed."""

    def __init__(self, folder, jar, server_jar):
        self.folder = folder
        self.jar = jar
        script = (folder / "repro.sh").read_text()
        self.expected = re.search(r"^# expected: (.*)$", script, re.M).group(1)
        done = subprocess.run(
            ["bash", str(folder / "repro.sh")],
            env={**os.environ, "JAR": str(jar), "SERVER_JAR": str(server_jar), "HF_HUB_OFFLINE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
        )
        self.code = done.returncode
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    def rows(self):
        """The JSON objects that were printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def errors(self):
        return [line for line in self.err.splitlines() if line.startswith("error: ")]

    def error(self):
        """The sentence of a refusal; an assertion where the program went on."""
        assert self.code != 0, "expected a refusal, found exit 0"
        found = self.errors()
        assert len(found) == 1, f"expected one sentence, found {found}"
        assert "Exception" not in found[0], found[0]
        return found[0]

    def evaluate(self, name, text):
        """What `evaluate --json` gives for a clean file; its times are of no interest."""
        file = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / name
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["java", "-XX:TieredStopAtLevel=1", "-jar", str(self.jar), "evaluate", "--json", "--threads", "1",
             "--data", str(file)],
            capture_output=True, check=True)
        return scores(json.loads(done.stdout))


def scores(metrics):
    return {key: value for key, value in metrics.items() if not re.search("runtime|per_second", key)}


def near(found, expected, tolerance=2e-4):
    if isinstance(expected, list):
        return len(found) == len(expected) and all(near(f, e, tolerance) for f, e in zip(found, expected))
    return math.isclose(found, expected, abs_tol=tolerance)


def numbers(case):
    """The logits or the token ids of the line, against those that were printed."""
    assert case.code == 0, case.errors() or "exit " + str(case.code)
    logits = re.search(r"logits (\[.*\])", case.expected)
    ids = re.search(r"(?:token_ids|ids|^) ?(\[[\d, ]+\])", case.expected)
    assert logits or ids, "neither a check nor numbers for: " + case.expected
    if logits:
        expected = json.loads(re.sub(r"(?<![\d])\.(?=\d)", "0.", logits.group(1)))
        expected = expected if isinstance(expected[0], list) else [expected]
        assert near([row["logits"] for row in case.rows()], expected), [row["logits"] for row in case.rows()]
    if ids:
        assert case.rows()[0]["token_ids"] == json.loads(ids.group(1)), case.rows()[0]["token_ids"]


def sigmoids(case):
    """Every class's own probability stands in the row of its text."""
    wanted = [float(x) for x in re.findall(r"0?\.\d{5}", case.expected)]
    rows = case.rows()
    for row, pair in zip(rows, (wanted[:2], wanted[2:4]), strict=True):
        found = [float(x) for x in re.findall(r"\d\.\d+", json.dumps({**row, "logits": None, "text": None}))]
        assert all(any(near(f, p) for f in found) for p in pair), row
        assert {"ham", "spam"} <= set(re.findall("ham|spam", json.dumps({**row, "text": None}))), row


def last_tokens(case):
    numbers_of_logits = re.search(r"logits (\[[^\]]*\])", case.expected)
    row = case.rows()[0]
    assert near(row["logits"], json.loads(numbers_of_logits.group(1))), row["logits"]
    first, last = re.search(r"\((\d+),.*,(\d+)\),", case.expected).groups()
    assert len(row["token_ids"]) == 16 and row["token_ids"][0] == int(first) and row["token_ids"][-1] == int(last)


def like(name, text):
    """The same scores as those of a clean file."""

    def check(case):
        assert case.code == 0, case.errors()
        assert scores(case.rows()[0]) == case.evaluate(name, text), case.out

    return check


def three_messages(case):
    table = re.findall(r"^  label \S+ +(\d+) +(\d+)", case.out, re.M)
    assert sum(int(n) for row in table for n in row) == 3, case.out


def first_ids(case):
    assert case.rows()[0]["token_ids"] == [1909, 3044], case.rows()[0]
    assert case.rows()[0]["text"] == "hi mum"


def padded(case):
    numbers(case)
    assert case.rows()[0]["text"] == "ReReGotta", case.rows()[0]


def one_label(case):
    numbers(case)
    for row in case.rows():
        assert near(row["score"], 1 / (1 + math.exp(-row["logits"][0]))), row


def evaluated(case):
    assert case.code == 0, case.errors()
    assert "eval_loss" in case.rows()[0]


def says(*patterns):
    def check(case):
        for pattern in patterns:
            assert re.search(pattern, case.error()), case.error()

    return check


def as_the_base(case):
    """Texts without the token are read as the base reads them, as the other cases' line gives it."""
    assert near([row["logits"] for row in case.rows()], [[1.68911, 1.23593], [2.03325, 0.55235]]), case.out + case.err


def four_answers(case):
    assert re.findall(r"\[(\d{3})\]", case.out) == ["200"] * 4, case.out


def ascii_digits(case):
    assert case.code == 0 and re.search(r"\d+ rows", case.out), case.out + case.err
    odd = [c for c in case.out + case.err if c.isdigit() and not c.isascii()]
    assert not odd, odd


def taken(case):
    assert case.code == 0, case.errors()


def loads_or_interrupted(case):
    assert re.match(r"java\.io\.InterruptedIOException|ham$|spam$", case.out), case.out


def utf16(case):
    """Read, or refused by its name."""
    if case.code != 0:
        says("UTF-16")(case)


CHECKS = {
    "02_multi_label": sigmoids,
    "03_truncation_side": last_tokens,
    "04_cr_only": three_messages,
    "05_trailing_tabs": like("clean.tsv", "ham\thi mum\nspam\twin cash now\n"),
    "06_stdin_bom": first_ids,
    "08_uci_with_header": like("clean.tsv", 'ham\t"Gimme two" was some minutes ago\nspam\twin cash now\n'),
    "10_kaggle_latin1": like(
        "clean.tsv", "ham\tBack at six, bring milk\nspam\tWin \u00a3500 now! Text YES to 00000\n"),
    "23_padded_vocabulary": padded,
    "25_label2id_stale": evaluated,
    "27_one_label": one_label,
    "29_lfs_pointer": says("git lfs pull", r"model\.safetensors"),
    "31_added_tokens_json": as_the_base,
    "33_lstrip_token": as_the_base,
    "36_text_after_quote": like("clean.tsv", "ham\tGimme a few was some minutes ago\nspam\twin cash now\n"),
    "37_headerless_csv": like("clean.tsv", "ham\thi mum\nspam\twin cash now\n"),
    "38_semicolons": like("clean.tsv", "ham\thi mum\nspam\twin cash now\n"),
    "39_xlsx_as_csv": says("Excel", "CSV UTF-8"),
    "40_utf16": utf16,
    "41_label_case": like("clean.tsv", "ham\thi mum\nspam\twin cash now\n"),
    "42_zero_one": like("clean.tsv", "ham\thi mum\nspam\twin cash now\n"),
    "43_native_cache_noexec": says("/nx", "noexec", r"org\.bytedeco\.javacpp\.cachedir"),
    "44_http_content_type": four_answers,
    "45_arabic_digits": ascii_digits,
    "46_report_to_empty_list": taken,
    "47_interrupted_thread": loads_or_interrupted,
    "51_path_in_c_locale": says(r"LC_ALL=C\.UTF-8"),
}


def unpacked(source, target):
    """A copy that may be written to: one case mounts something in its folder."""
    if source.is_dir():
        shutil.copytree(source, target / "cases", symlinks=True)
    else:
        with tarfile.open(source) as archive:
            archive.extractall(target / "cases", filter="data")
    return sorted(p.parent for p in (target / "cases").rglob("repro.sh"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--jar", type=pathlib.Path, default="training/target/training.jar")
    parser.add_argument("--server-jar", type=pathlib.Path, default="demo-server/target/demo-server.jar")
    args = parser.parse_args()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as temporary:
        for folder in unpacked(args.source, pathlib.Path(temporary)):
            if args.only not in folder.name:
                continue
            try:
                case = Case(folder, args.jar.resolve(), args.server_jar.resolve())
                CHECKS.get(folder.name, numbers)(case)
                passed += 1
                print("ok  ", folder.name, flush=True)
            except Exception as e:  # a case that breaks in any way is one that failed
                failed += 1
                print("FAIL", folder.name, "-", type(e).__name__, str(e)[:300].replace("\n", " | "), flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
