"""Whether huggingface_hub and our program write the same cache, and each reads the other's.

    python3 gpt2-core/src/test/oracle/check_hub_cache.py java -jar training/target/training.jar

Serves a small model as the hub does (on this machine; nothing leaves it), lets both download it and
compares what lies in the two caches: blobs, links, refs, marks of missing files. Then each looks for
the model in the other's cache, offline. Python 3.9 with huggingface_hub (written for 1.33).
"""

import hashlib
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
REPO = "org/tiny"
FILES = {
    "config.json": b'{"model_type": "gpt2"}',
    "model.safetensors": bytes(range(256)) * 4000,
    "tokenizer.json": b"{}",
    "vocab.json": b'{"a": 0}',
    "merges.txt": b"#version: 0.2\n",
    "tokenizer_config.json": b'{"model_max_length": 1024}',
}
MISSING = "special_tokens_map.json"


class Hub(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        name = self.path.rsplit("/", 1)[1]
        content = FILES.get(name)
        large = name.endswith(".safetensors")
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
        elif large and "/resolve/" in self.path:
            self.send_response(302)
            self.send_header("X-Linked-Etag", '"' + hashlib.sha256(content).hexdigest() + '"')
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("Location", f"http://localhost:{self.server.server_port}/{name}")
        else:
            self.send_response(200)
            blob = b"blob %d\0" % len(content) + content
            self.send_header("ETag", '"' + hashlib.sha1(blob).hexdigest() + '"')
            self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        if content is None or large and "/resolve/" in self.path:
            self.send_header("Content-Length", "0")
            content = b""
        self.end_headers()
        return content

    def do_GET(self):
        self.wfile.write(self.do_HEAD())

    def log_message(self, *args):
        pass


def tree(cache):
    """Path -> link target, or content, of everything of the model."""
    model = cache / "models--org--tiny"
    found = {}
    for path in sorted(model.rglob("*")):
        name = str(path.relative_to(model))
        if path.is_symlink():
            found[name] = "-> " + os.readlink(path)
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def ours(cache, **more):
    env = dict(os.environ, HF_HUB_CACHE=str(cache), **more)
    result = subprocess.run(sys.argv[1:] + ["download", REPO], env=env, capture_output=True, text=True)
    if result.returncode:
        sys.exit("error: our program failed: " + result.stderr)
    return result.stdout.strip()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"

import huggingface_hub as hub  # noqa: E402  (it reads the variables when it is imported)
from huggingface_hub.errors import EntryNotFoundError  # noqa: E402

with tempfile.TemporaryDirectory() as directory:
    mine, theirs = pathlib.Path(directory, "ours"), pathlib.Path(directory, "theirs")
    snapshot = ours(mine)
    for name in FILES:
        hub.hf_hub_download(REPO, name, cache_dir=theirs)
    try:
        hub.hf_hub_download(REPO, MISSING, cache_dir=theirs)
        sys.exit("error: expected no " + MISSING)
    except EntryNotFoundError:
        pass
    a, b = tree(mine), tree(theirs)
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            sys.exit(f"error: {name}: ours {a.get(name)!r:.80}, theirs {b.get(name)!r:.80}")
    print(f"{len(a)} files and links are the same:", *a, sep="\n  ")

    found = hub.snapshot_download(REPO, cache_dir=mine, local_files_only=True)
    assert found == snapshot, (found, snapshot)
    for name, content in FILES.items():
        path = hub.try_to_load_from_cache(REPO, name, cache_dir=mine)
        assert pathlib.Path(path).read_bytes() == content, name
    assert hub.try_to_load_from_cache(REPO, MISSING, cache_dir=mine) is hub._CACHED_NO_EXIST
    info = hub.scan_cache_dir(mine)
    assert not info.warnings, info.warnings
    (repo,) = info.repos
    assert (repo.repo_id, repo.nb_files, set(repo.refs)) == (REPO, len(FILES), {"main"}), repo
    print("huggingface_hub", hub.__version__, "finds all of it in our cache")

    assert ours(theirs, HF_HUB_OFFLINE="1").endswith(COMMIT)
    print("we find all of it in its cache")
