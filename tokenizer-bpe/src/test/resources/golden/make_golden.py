"""Writes the golden files beside this script with Hugging Face tokenizers as the oracle.

Made with Python 3.11, tokenizers 0.23.2. Run: python3 make_golden.py GPT2_TOKENIZER_DIR
The directory holds GPT-2's own tokenizer.json; none of it goes into the golden files but the ids.

  gpt2.json      our own strings, their ids under GPT-2's vocabulary, and decoded id lists
  trainer.json   small corpora and the vocabulary and merges that BpeTrainer makes of them
  variants.json  small tokenizers with unusual options, and ids of some texts under each
"""

import json
import random
import sys
import unicodedata
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = Path(__file__).parent


def dump(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def rows(values):
    """A list with one element per line."""
    return "[\n" + ",\n".join(dump(value) for value in values) + "\n]"


def write(name, text):
    (HERE / name).write_text(text + "\n", encoding="ascii")


def category_samples():
    """Some code points of each general category that Unicode 3.2 and 14 agree on."""
    rnd = random.Random(1)
    by_category = {}
    for c in range(0x110000):
        if 0xD800 <= c <= 0xDFFF:
            continue
        category = unicodedata.category(chr(c))
        if category == "Cn" or category == unicodedata.ucd_3_2_0.category(chr(c)):
            by_category.setdefault(category, []).append(c)
    # Unassigned ones: only noncharacters, which stay so for ever.
    by_category["Cn"] = [c for c in by_category["Cn"] if c & 0xFFFE == 0xFFFE or 0xFDD0 <= c <= 0xFDEF]
    texts = []
    for category in sorted(by_category):
        for c in rnd.sample(by_category[category], min(6, len(by_category[category]))):
            s = chr(c)
            texts += [s, f"a{s}1", f"a {s}{s} .", f"'{s}  {s}\n"]
    return texts


SCRIPTS = """\
The quick brown fox jumps over the lazy dog.
Grüße aus München, süße Früchte und Straßen
L'été, ça où naïve œuvre
¿Qué pasó mañana? ¡Nada!
Zażółć gęślą jaźń
Příliš žluťoučký kůň
Съешь же ещё этих мягких булок
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία
עטלף אבק נס דרך
صِف خَلقَ خَودٍ كَمِثلِ الشَمسِ
नमस्ते दुनिया, कैसे हैं आप?
আমি বাংলায় গান গাই
தமிழ் மொழி
ภาษาไทยไม่มีช่องว่าง
日本語のテキスト、カタカナとひらがな。
今天天气很好,我们去公园吧!
안녕하세요 세계, 반갑습니다
Սիրելի աշխարհ
საქართველო
ሰላም ለዓለም
ខ្មែរ
𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒮𝒸𝓇𝒾𝓅𝓉 𝟙𝟚𝟛
𐌰𐌱𐌲 𐤀𐤁 𒀀𒀁
Tiếng Việt có nhiều dấu
ʻŌlelo Hawaiʻi""".split("\n")

EMOJI = [
    "😀", "😀😀😀", "👍🏽 👍🏿👍", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷🇬🇧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️❤", "1️⃣ #️⃣", "text😀text 😀 text", "🤗!!!!!!!!!?", "👨🏻‍💻👩🏾‍🚀", "☺☹⌚",
]

CONTRACTIONS = [
    "don't I'll we've you're he'd I'm it's", "DON'T I'LL WE'VE", "I\u2019ll don\u2019t", "'s's''s 's ' s", "'twas the '90s", "rock'n'roll 'tis o'clock",
    "'re're 'r 'e 'll'l", "''ll", " 'll", "a'", "'", "' '", "'ſ 'ſ", "x'sx x'mx x'tx 'd1", "'\u00e9 's\u00e9 'll\u0301",
]

NUMBERS = [
    "1234567890 12 345", "3.14159e-10", "1,000,000.00", "٠١٢٣ ०१२ Ⅷ ² ½ ①", "£1000 $5 €20", "07123456789", "a1b2c3", "2024-01-31T23:59:59Z", "0x1F 1st 2nd", " 1  2   3",
]

WHITESPACE = [
    "", " ", "  ", "   a", "a   ", "a   b", "  \n\n a", "\n", "\n\n\n", "\r\n\r\n", "\t\tx\t y", " \t \n x", "a\u00a0b", "a \u00a0 b", "\u3000x\u3000\u3000y", "\u2003\u2009x",
    "x\u2028y\u2029z", "\u0085 a\u0085", "\u1680a", "\u180ea \u180e", "\u200ba \u200b", "\ufeffa", "a\u202fb\u205fc", "\x0b\x0c\x1c\x1d\x1e\x1f x", "a\n b\n  c\n   d", "x \n", " \n ",
]

OTHER = [
    "hello world", "Hello, World!", "\u00a3100 don't", "\x00\x01\x7f", "\ufffd\ufffd", "\ue000\U000f0000\U0010ffff", "e\u0301 a\u0308\u0323 \u0301", "--==__++", "a-b_c.d/e\\f",
    "http://www.example.com/path?x=1&y=2#z", "user.name+tag@example.co.uk", "if (x > 0) { return y[0]; }", "FREE entry in 2 a wkly comp!! Txt WIN to 80086 now", "CamelCaseAndsnake_case",
    "<|endoftext|>", "hello <|endoftext|> x", "<|endoftext|><|endoftext|>", "a<|endoftext|>b", "<|endoftext|", "<|<|endoftext|>|>", " <|endoftext|> ", "<|ENDOFTEXT|>",
    "a" * 100, "ab" * 80, " " * 130, "!" * 90, "9" * 200, "\u00e9" * 70, "\n" * 65, "the " * 40, "\u65e5" * 50, "\U0001f600" * 30, "aA" * 66, "supercalifragilisticexpialidocious" * 4,
]


def broken_id_lists(rnd, byte_ids):
    """Ids of single bytes, so that decoding meets every kind of broken UTF-8."""
    edges = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF]
    byte_lists = [
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0, 0x80],
        [0xC0, 0xAF], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x41], [0xE2, 0x82, 0xE2, 0x82, 0xAC], [0x61, 0xF1, 0x80, 0x80, 0xE1, 0x80, 0xC2, 0x62, 0x80, 0x63, 0x80, 0xBF, 0x64],
    ]
    byte_lists += [[a, b] for a in edges for b in (0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2)]
    byte_lists += [[rnd.choice(edges) for _ in range(rnd.randint(1, 8))] for _ in range(300)]
    return [[byte_ids[b] for b in row] for row in byte_lists]


def gpt2(directory):
    tokenizer = Tokenizer.from_file(str(Path(directory) / "tokenizer.json"))
    texts = SCRIPTS + EMOJI + CONTRACTIONS + NUMBERS + WHITESPACE + OTHER + category_samples()
    special = [e.ids for e in tokenizer.encode_batch(texts)]
    tokenizer.encode_special_tokens = True
    plain = [e.ids for e in tokenizer.encode_batch(texts)]
    to_char = byte_chars()
    byte_ids = [tokenizer.token_to_id(to_char[b]) for b in range(256)]
    rnd = random.Random(2)
    lists = broken_id_lists(rnd, byte_ids)
    lists += [[rnd.randrange(50257) for _ in range(6)] for _ in range(60)]
    lists += [[50256], [15496, 50256, 995], [50256, 50256]]
    golden = [{"text": t, "ids": p, "ids_special": s} for t, p, s in zip(texts, plain, special)]
    decoded = [
        {"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=False), "skipped": tokenizer.decode(ids)}
        for ids in lists
    ]
    write("gpt2.json", '{"texts":' + rows(golden) + ',"decoded":' + rows(decoded) + "}")


def byte_chars():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(rest)}


def train(docs, vocab_size, min_frequency=0, special_tokens=()):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, min_frequency=min_frequency, special_tokens=list(special_tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )
    tokenizer.train_from_iterator(docs, trainer)
    return tokenizer


STORY = [
    "Once upon a time there was a small house by the sea, and in the house there lived an old woman.\n",
    "She had three goats, two hens and a grey cat; the cat was older than the goats.\n",
    "Every morning the old woman walked down to the sea. \"Good morning, sea,\" she said.\n",
    "The sea didn't answer, but the waves came and went, came and went, as they'd always done.\n",
    "One day, at 7:30, a letter came: \"You have WON 1000 pounds!!! Call 0900-123456 now.\"\n",
    "The woman didn't call. She'd never trusted letters, and she'd never needed 1000 pounds.\n",
    "Am Abend saßen die Frau und die Katze vor dem Häuschen; schöne Grüße, sagte das Meer.\n",
]


def trainer():
    rnd = random.Random(3)
    eot = "<|endoftext|>"
    cases = [
        (["low low low lower lowest newer newest wide wider"] * 3, 270, 0, [eot]),
        (STORY, 400, 2, [eot]),
        (STORY, 500, 0, []),
        (STORY, 320, 3, [eot, "<|pad|>"]),
        (STORY + SCRIPTS, 600, 2, [eot]),
        (["".join(rnd.choice("ab") for _ in range(400))], 330, 0, []),  # strings made by two merges
        (["".join(rnd.choice("abc") for _ in range(200)) for _ in range(3)], 380, 0, [eot]),
        (["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], 300, 0, []),
        (["abababab ab ab"], 300, 0, ["ab", "a"]),  # special tokens that text makes, too
        ([], 300, 0, [eot]),
    ]
    result = []
    for docs, vocab_size, min_frequency, special in cases:
        model = json.loads(train(docs, vocab_size, min_frequency, special).to_str())["model"]
        result.append({
            "documents": docs, "vocab_size": vocab_size, "min_frequency": min_frequency, "special_tokens": special,
            "vocab": sorted(model["vocab"], key=model["vocab"].get),
            "merges": [" ".join(merge) for merge in model["merges"]],
        })
    write("trainer.json", rows(result))


def variants():
    rnd = random.Random(4)
    parts = ["<|a|>", "<|a|>b", "|>b", "<|end|>", "<|end", "the", "there", " ", "  ", "old woman", "old", "sea", "he", "\n", "1000", "é", "😀", "didn't", "<", "|"]
    texts = ["", " ", "a", " a", "\na", "<|a|>", "<|a|> the", " <|a|>the", "<|a|><|a|>b"]
    texts += ["".join(rnd.choice(parts) for _ in range(rnd.randint(1, 9))) for _ in range(60)]
    base = json.loads(train(STORY, 330, 2, ["<|end|>"]).to_str())
    result = []

    def variant(name, tokens=(), **model):
        tree = json.loads(json.dumps(base))
        prefix = model.pop("add_prefix_space", False)
        tree["pre_tokenizer"]["add_prefix_space"] = prefix
        tree["model"].update(model)
        tokenizer = Tokenizer.from_str(json.dumps(tree))
        for token in tokens:
            (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
        tree = json.loads(tokenizer.to_str())
        special = [e.ids for e in tokenizer.encode_batch(texts)]
        tokenizer.encode_special_tokens = True
        plain = [e.ids for e in tokenizer.encode_batch(texts)]
        result.append({
            "name": name, "tokenizer": tree,
            "texts": [
                {"text": t, "ids": p, "ids_special": s, "decoded": tokenizer.decode(s, skip_special_tokens=False), "skipped": tokenizer.decode(s)}
                for t, p, s in zip(texts, plain, special)
            ],
        })

    variant("plain")
    variant("add_prefix_space", add_prefix_space=True)
    variant("add_prefix_space and added tokens", [AddedToken("<|a|>", special=True), AddedToken("sea")], add_prefix_space=True)
    variant("overlapping added tokens", [AddedToken("<|a|>", special=True), AddedToken("<|a|>b"), AddedToken("|>b"), AddedToken("the"), AddedToken("there")])
    variant("passes of added tokens", [AddedToken("the", normalized=False), AddedToken("there", normalized=True), AddedToken("old woman", normalized=True, special=True), AddedToken("old", normalized=False)])
    variant("added tokens outside ASCII", [AddedToken("é"), AddedToken("😀", special=True)])
    # "there" as a token that no merge makes: only ignore_merges finds it.
    vocab = dict(base["model"]["vocab"])
    vocab["sea\u010a"] = len(vocab)
    vocab["woman"] = len(vocab)
    variant("unreachable tokens", vocab=vocab)
    variant("ignore_merges", vocab=vocab, ignore_merges=True)
    # The same string made by two merges, and a merge listed twice.
    merges = base["model"]["merges"]
    variant("repeated merge", merges=merges + merges[:3])
    write("variants.json", rows(result))


if __name__ == "__main__":
    gpt2(sys.argv[1])
    trainer()
    variants()
