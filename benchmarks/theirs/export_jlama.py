"""Writes the seeded GPT-2 as Jlama reads it, without the prefix of a model with a head and with the
older key n_ctx: `python export_jlama.py INPUTS`.
"""

import json
import os
import shutil
import sys

from safetensors.numpy import load_file, save_file


def main(inputs: str):
    model, out = os.path.join(inputs, "model"), os.path.join(inputs, "jlama")
    os.makedirs(out, exist_ok=True)
    prefix = "transformer."
    tensors = load_file(os.path.join(model, "model.safetensors"))
    save_file({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)},
              os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(model, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    config.update(architectures=["GPT2LMHeadModel"], n_ctx=config["n_positions"])
    with open(os.path.join(out, "config.json"), "w", encoding="utf-8") as f:
        json.dump(config, f)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copyfile(os.path.join(model, name), os.path.join(out, name))


if __name__ == "__main__":
    main(sys.argv[1])
