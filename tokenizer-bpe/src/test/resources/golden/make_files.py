"""Writes the golden files beside this script that tell how a tokenizer's files are read.

Made with Python 3.11, tokenizers 0.23.3, transformers 5.24.0. Run: python3 make_files.py

  flags.json   added tokens with every flag, normalizers and templates: ids under tokenizers
  files.json   directories as transformers 2 to 5 leave them: what AutoTokenizer makes of them

Both hold one small model; where a file says "model", the model's object is to be put there.
"""

import copy
import itertools
import json
import random
import tempfile
from pathlib import Path

from make_golden import STORY, rows, train, write
from tokenizers import AddedToken, Tokenizer
from transformers import AutoTokenizer

BASE = json.loads(train(STORY, 290, 2, ["<|endoftext|>"]).to_str())
MODEL = BASE["model"]
MERGES = "#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in MODEL["merges"])
END = {"content": "<|endoftext|>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}


def tokenizer_json(**changes):
    tree = copy.deepcopy(BASE)
    tree.update(changes)
    return tree


def outline(tree):
    """The same without the model, which both golden files hold once."""
    return {**tree, "model": "model"} if tree.get("model") == MODEL else tree


def template(single, tokens=()):
    ids = {"<|endoftext|>": 0, "<|a|>": 290}
    pieces = [{"Sequence": {"id": "A", "type_id": 0}} if p == "$A" else {"SpecialToken": {"id": p, "type_id": 0}} for p in single]
    return {
        "type": "TemplateProcessing", "single": pieces,
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {p: {"id": p, "ids": [ids[p]], "tokens": [p]} for p in single if p != "$A"},
    }


def flags():
    rnd = random.Random(5)
    parts = ["<m>", "<m>", "<s>", "<s>", " ", "  ", "\t", "\n", "\u2003", "the", "a", "_", "9", "-", "\u0301", "\u203f", "\u200d", "caf\u00e9", "cafe\u0301", "e", "\ufb01", "fi", "\u212b", "\u00c5", "\uff9e\u0334", "m"]
    texts = ["", " ", "<m>", " <m> ", "a<m>", "<m>a", "a <m> b", "<m><m>", "<m> <m>", "<m>  <s>  <m>", "a <m>\u200d", "\u0301<m>", "   "]
    texts += ["".join(rnd.choice(parts) for _ in range(rnd.randint(1, 9))) for _ in range(30)]
    result = []

    def variant(name, tokens=(), **changes):
        tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(**changes)))
        for token in tokens:
            (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
        tree = json.loads(tokenizer.to_str())
        special = [e.ids for e in tokenizer.encode_batch(texts)]
        tokenizer.encode_special_tokens = True
        plain = [e.ids for e in tokenizer.encode_batch(texts)]
        assert tree["model"] == MODEL
        result.append({
            "name": name, "tokenizer": outline(tree),
            "texts": [
                {"text": t, "ids": p, "ids_special": s, "decoded": tokenizer.decode(s, skip_special_tokens=False), "skipped": tokenizer.decode(s)}
                for t, p, s in zip(texts, plain, special)
            ],
        })

    for flag in [dict(lstrip=True), dict(rstrip=True), dict(single_word=True), dict(lstrip=True, rstrip=True, single_word=True)]:
        for special in (True, False):
            name = ", ".join(flag) + (", special" if special else "")
            variant(name, [AddedToken("<m>", special=special, **flag), AddedToken("<s>", special=True)])
    variant("words", [AddedToken("the", single_word=True), AddedToken("e", single_word=True, lstrip=True), AddedToken("m", rstrip=True)])
    variant("white space as token", [AddedToken(" ", rstrip=True), AddedToken("\n", lstrip=True), AddedToken("<m>", lstrip=True, rstrip=True)])
    variant("normalized first, special later", [AddedToken("<m>", normalized=True, lstrip=True), AddedToken("<s>", special=True, normalized=False, rstrip=True)])
    byte_level_prefix = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    variant("lstrip and add_prefix_space", [AddedToken("<m>", lstrip=True), AddedToken("<s>", special=True)], pre_tokenizer=byte_level_prefix)
    accents = [AddedToken("cafe\u0301", normalized=True), AddedToken("\u00c5", normalized=False), AddedToken("\ufb01", normalized=True, single_word=True), AddedToken("<s>", special=True)]
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        variant(form, accents, normalizer={"type": form})
    variant("NFD, then NFKC", accents, normalizer={"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "NFKC"}]})
    end = "<|endoftext|>"
    variant("template", [AddedToken("<|a|>", special=True)], post_processor=template([end, "$A", "<|a|>", end]))
    variant("template after ByteLevel", [AddedToken("<m>", special=True)], post_processor={"type": "Sequence", "processors": [BYTE_LEVEL, template([end, "$A"])]})
    gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    split = {"type": "Split", "pattern": {"Regex": gpt2}, "behavior": "Isolated", "invert": False}
    variant("Split and ByteLevel", [AddedToken("<s>", special=True)], pre_tokenizer={"type": "Sequence", "pretokenizers": [split, {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]})
    write("flags.json", '{"model":' + json.dumps(MODEL) + ',"variants":' + rows(result) + "}")


TEXTS = ["the old woman", "  \u00e9 <|endoftext|>x [PAD]", "sea", "<x> the <mask>  <y>"]


def files():
    result = []

    def case(name, tree=None, config=None, special=None, added=None, vocab=False, **model):
        files = {}
        if tree is not None:
            files["tokenizer.json"] = tree
        if config is not None:
            files["tokenizer_config.json"] = config
        if special is not None:
            files["special_tokens_map.json"] = special
        if added is not None:
            files["added_tokens.json"] = added
        vocab_json = {**MODEL["vocab"], **model.get("more", {})}
        for token in model.get("less", []):
            del vocab_json[token]
        if vocab:
            files["vocab.json"] = vocab_json
            files["merges.txt"] = MERGES
        with tempfile.TemporaryDirectory() as dir:
            (Path(dir) / "config.json").write_text('{"model_type": "gpt2"}')
            for file, content in files.items():
                (Path(dir) / file).write_text(content if isinstance(content, str) else json.dumps(content))
            t = AutoTokenizer.from_pretrained(dir)
        saved = dict(files)
        if "tokenizer.json" in saved:
            saved["tokenizer.json"] = outline(saved["tokenizer.json"])
        if "merges.txt" in saved:
            saved["merges.txt"] = "merges"
        texts = [
            {
                "text": x,
                "ids": t(x, split_special_tokens=True).input_ids, "ids_special": t(x).input_ids,
                "cut": t(x, split_special_tokens=True, truncation=True, max_length=4).input_ids,
            }
            for x in TEXTS
        ]
        expected = {
            "bos": t.bos_token_id, "eos": t.eos_token_id, "pad": t.pad_token_id,
            "model_max_length": None if t.model_max_length > 2**31 else t.model_max_length,
            "added": {str(v): k for k, v in t.added_tokens_decoder.items()}, "texts": texts,
        }
        if t.pad_token_id is not None:
            batch = t(TEXTS, split_special_tokens=True, truncation=True, max_length=4, padding="max_length")
            expected["batch"] = batch.input_ids
            expected["mask"] = batch.attention_mask
        result.append({"name": name, "files": saved, "expected": expected})

    gpt2 = {"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {"0": END}}
    plain = {**gpt2, "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    case("tokenizer.json alone", tokenizer_json())
    case("as transformers 5 saves", tokenizer_json(), {
        "add_prefix_space": False, "backend": "tokenizers", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "errors": "replace", "is_local": True,
        "model_max_length": 64, "pad_token": None, "tokenizer_class": "GPT2Tokenizer", "unk_token": "<|endoftext|>",
    })
    for truncation, padding in itertools.product(("left", "right"), repeat=2):
        case(f"cut {truncation}, padded {padding}", tokenizer_json(), {**gpt2, "pad_token": "<|endoftext|>", "truncation_side": truncation, "padding_side": padding})
    left = dict(
        truncation={"direction": "Left", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
        padding={"strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "<|endoftext|>"},
    )
    case("sides of tokenizer.json", tokenizer_json(**left), {**gpt2, "pad_token": "<|endoftext|>"})
    case("sides of tokenizer.json, overruled", tokenizer_json(**left), {**gpt2, "pad_token": "<|endoftext|>", "truncation_side": "right", "padding_side": "right"})
    case("pad token of tokenizer.json", tokenizer_json(**left), {**plain, "model_max_length": 8})
    case("pad token that no file has", tokenizer_json(), {**gpt2, "pad_token": "[PAD]"})
    case("many tokens that no file has", tokenizer_json(), {
        **gpt2, "mask_token": "<mask>", "pad_token": "[PAD]", "bos_token": "<s>", "cls_token": "[CLS]", "sep_token": "[SEP]", "image_token": "<img>",
        "additional_special_tokens": ["<x>", "<y>"],
    })
    case("extra_special_tokens as an object", tokenizer_json(), {**gpt2, "pad_token": "[PAD]", "extra_special_tokens": {"x_token": "<x>", "y_token": "<y>"}})
    case("mask token with a flag", tokenizer_json(), {**gpt2, "mask_token": {"__type": "AddedToken", **END, "content": "<mask>", "lstrip": True}})
    case("vocab.json and merges.txt", vocab=True)
    case("added_tokens.json", None, {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 32}, {"bos_token": "<|endoftext|>", "pad_token": "[PAD]"}, {"<x>": 291, "[PAD]": 290}, vocab=True)
    objects = {"bos_token": {**END, "normalized": True}, "pad_token": {**END, "content": "[PAD]", "normalized": True, "lstrip": True}, "additional_special_tokens": ["<y>"]}
    for token in ("bos_token", "pad_token"):
        del objects[token]["special"]
    case("special_tokens_map.json with objects", None, {"model_max_length": 32, "special_tokens_map_file": "/tmp/x", "name_or_path": "gpt2"}, objects, vocab=True)
    case("special_tokens_map.json before tokenizer_config.json", None, {"pad_token": "sea", "eos_token": "[EOS]"}, {"pad_token": "<|endoftext|>", "eos_token": None}, vocab=True)
    case("special_tokens_map.json beside added_tokens_decoder", tokenizer_json(), gpt2, {"pad_token": "[PAD]"})
    case("vocabulary without <|endoftext|>", None, {"pad_token": "[PAD]"}, vocab=True, less=["<|endoftext|>"], more={"sea!": 0})
    case("gap in the vocabulary", None, {"tokenizer_class": "GPT2Tokenizer", "pad_token": "<|endoftext|>"}, vocab=True, more={"far": 400})
    bos = {**gpt2, "add_bos_token": True, "add_eos_token": True, "pad_token": "<|endoftext|>"}
    case("add_bos_token", tokenizer_json(), bos)
    case("add_bos_token without tokenizer.json", None, bos, vocab=True)
    case("add_bos_token without tokenizer.json, cut left", None, {**bos, "add_eos_token": False, "truncation_side": "left", "padding_side": "left"}, vocab=True)
    case("template", tokenizer_json(post_processor=template(["<|endoftext|>", "$A", "<|endoftext|>"])), {**gpt2, "pad_token": "<|endoftext|>"})
    prefix = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    case("add_prefix_space of the configuration", tokenizer_json(), {**gpt2, "add_prefix_space": True})
    case("add_prefix_space of tokenizer.json, GPT2Tokenizer", tokenizer_json(pre_tokenizer=prefix), gpt2)
    case("add_prefix_space of tokenizer.json, PreTrainedTokenizerFast", tokenizer_json(pre_tokenizer=prefix), {**plain, "add_prefix_space": False})
    case("normalizer", tokenizer_json(normalizer={"type": "NFD"}), plain)
    masked = [{"id": 0, **END}, {"id": 290, **END, "content": "<mask>", "lstrip": True}]
    case("flag in tokenizer.json", tokenizer_json(added_tokens=masked), {"tokenizer_class": "GPT2Tokenizer"})
    case("flag in tokenizer.json, overruled", tokenizer_json(added_tokens=masked), {**gpt2, "added_tokens_decoder": {"0": END, "290": {**END, "content": "<mask>", "rstrip": True}}})
    case("ids that are not the next ones", tokenizer_json(), {**gpt2, "added_tokens_decoder": {"0": END, "900": {**END, "content": "<x>"}, "800": {**END, "content": "<y>"}}})
    old = {"unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "max_len": 48, "do_lower_case": False, "init_inputs": []}
    case("as transformers 2 saved", None, old, vocab=True)
    write("files.json", '{"model":' + json.dumps(MODEL) + ',"cases":' + rows(result) + "}")


if __name__ == "__main__":
    flags()
    files()
