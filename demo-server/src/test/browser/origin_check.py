#!/usr/bin/env python3
"""A page of another origin, in Debian's Chromium, tries to use the server: plain requests, requests that need the server's
consent, forms, frames, images, scripts, beacons, event streams, WebSockets, workers, and a name of its own that leads to this
machine (DNS rebinding). Fails where it reads an answer, or where the model computes for it.

Needs playwright 1.5x and /usr/bin/chromium. Run, with a server on PORT:
  python3 origin_check.py http://127.0.0.1:PORT
"""

import functools
import http.server
import json
import pathlib
import re
import sys
import tempfile
import threading
import urllib.parse
import urllib.request

from playwright.sync_api import sync_playwright

# What the page tries; each returns what it could read, or throws.
TRIES = """async (url) => {
  const body = JSON.stringify({ text: 'stolen' });
  const post = (type, more) => fetch(url + 'api/classify',
    { method: 'POST', body, headers: type ? { 'Content-Type': type } : {}, ...more }).then((r) => r.text());
  const file = 'text\\nstolen\\n';
  const table = (type, content, more) => fetch(url + 'api/table',
    { method: 'POST', body: content ?? file, headers: type ? { 'Content-Type': type } : {}, ...more }).then((r) => r.text());
  const loaded = (tag, src) => new Promise((done, failed) => {
    const e = document.createElement(tag);
    e.onload = () => done(tag + ' loaded');
    e.onerror = () => failed(new Error('not loaded'));
    e.src = src;
    document.body.append(e);
  });
  const tries = {
    get: () => fetch(url + 'api/model').then((r) => r.text()),
    metrics: () => fetch(url + 'metrics').then((r) => r.text()),
    page: () => fetch(url).then((r) => r.text()),
    withCredentials: () => fetch(url + 'api/model', { credentials: 'include' }).then((r) => r.text()),
    noType: () => post(null),
    text: () => post('text/plain'),
    textNamedJson: () => post('text/plain; application/json'),
    form: () => post('application/x-www-form-urlencoded'),
    multipart: () => post('multipart/form-data; boundary=x'),
    json: () => post('application/json'),
    jsonWithCharset: () => post('application/json; charset=utf-8'),
    anyJson: () => post('application/x+json'),
    textJson: () => post('text/json'),
    upperCase: () => post('APPLICATION/JSON'),
    put: () => fetch(url + 'api/classify', { method: 'PUT', body }).then((r) => r.text()),
    noCors: () => post('text/plain', { mode: 'no-cors' }),
    noCorsJson: () => post('application/json', { mode: 'no-cors' }),
    noCorsBlob: () => fetch(url + 'api/classify', { method: 'POST', mode: 'no-cors',
      body: new Blob([body], { type: 'application/json' }) }).then((r) => r.text()),
    keepalive: () => post('application/json', { keepalive: true }),
    beacon: () => { navigator.sendBeacon(url + 'api/classify', new Blob([body], { type: 'application/json' })); return ''; },
    textBeacon: () => { navigator.sendBeacon(url + 'api/classify', body); return ''; },
    request: () => new Promise((done, failed) => {
      const x = new XMLHttpRequest();
      x.open('POST', url + 'api/classify');
      x.setRequestHeader('Content-Type', 'application/json');
      x.onload = () => done(x.responseText);
      x.onerror = () => failed(new Error('refused'));
      x.send(body);
    }),
    generate: () => fetch(url + 'api/generate', { method: 'POST', body: JSON.stringify({ prompt: 'stolen' }),
      headers: { 'Content-Type': 'application/json' } }).then((r) => r.text()),
    tableCsv: () => table('text/csv'),
    tableTsv: () => table('text/tab-separated-values'),
    tableBytes: () => table('application/octet-stream'),
    tableText: () => table('text/plain'),
    tableForm: () => table('application/x-www-form-urlencoded'),
    tableNoType: () => table(null, new Uint8Array([116, 101, 120, 116, 10, 97])),
    tableBlob: () => table(null, new Blob([file], { type: 'text/csv' })),
    tableNoCors: () => table('text/csv', file, { mode: 'no-cors' }),
    tableNoCorsBlob: () => table(null, new Blob([file], { type: 'text/csv' }), { mode: 'no-cors' }),
    tableNoCorsBytes: () => table(null, new Uint8Array([116, 101, 120, 116, 10, 97]), { mode: 'no-cors' }),
    tableBeacon: () => { navigator.sendBeacon(url + 'api/table', new Blob([file], { type: 'text/csv' })); return ''; },
    script: () => loaded('script', url + 'app.js'),
    image: () => loaded('img', url + 'icon.svg'),
    events: () => new Promise((done, failed) => {
      const source = new EventSource(url + 'api/generate');
      source.onmessage = source.onopen = () => done('events');
      source.onerror = () => { source.close(); failed(new Error('refused')); };
    }),
    socket: () => new Promise((done, failed) => {
      const socket = new WebSocket(url.replace('http', 'ws') + 'api/classify');
      socket.onopen = () => done('socket');
      socket.onerror = () => failed(new Error('refused'));
    }),
    worker: () => { new Worker(url + 'app.js'); return 'worker'; },
    module: () => import(url + 'api.js').then(() => 'module'),
    frame: () => new Promise((done, failed) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      frame.onload = () => {
        try {
          done(frame.contentWindow.document.body.innerHTML);
        } catch (e) {
          failed(e);
        }
      };
      document.body.append(frame);
    }),
    window: () => new Promise((done, failed) => {
      const opened = window.open(url);
      setTimeout(() => {
        try {
          done(opened.document ? opened.document.body.innerHTML : '');
        } catch (e) {
          failed(e);
        }
      }, 500);
    }),
  };
  const results = {};
  for (const [name, attempt] of Object.entries(tries)) {
    try {
      results[name] = await attempt();
    } catch (e) {
      results[name] = null;
    }
  }
  const kinds = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
  for (const [enctype, path] of kinds.flatMap((k) => [[k, 'api/classify'], [k, 'api/table']])) {
    const form = document.createElement('form');
    form.method = 'POST';
    form.action = url + path;
    form.enctype = enctype;
    form.target = 'target-' + enctype + path;
    const input = document.createElement('input');
    input.name = '{"text": "stolen", "x';
    input.value = '": 1}';
    form.append(input);
    const frame = document.createElement('iframe');
    frame.name = form.target;
    document.body.append(frame, form);
    const over = new Promise((done) => { frame.onload = done; });
    form.submit();
    await over;
    try {
      results[enctype + path] = frame.contentWindow.document.body.innerHTML;
    } catch (e) {
      results[enctype + path] = null;
    }
  }
  return results;
}"""


# The label of tables that were answered with their rows.
TABLE_READ = 'route="/api/table",method="POST",status="200"'


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def metric(url, name, label=""):
    lines = urllib.request.urlopen(url + "metrics").read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name) and label in line)


def main():
    url = sys.argv[1].rstrip("/") + "/"
    port = urllib.parse.urlsplit(url).port
    with tempfile.TemporaryDirectory() as empty, sync_playwright() as p:
        pathlib.Path(empty, "index.html").write_text("<!doctype html><title>another site</title><body>")
        other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=empty))
        threading.Thread(target=other.serve_forever, daemon=True).start()
        # A name of the other site leads to this machine, as it would after DNS rebinding.
        rules = "MAP *.example 127.0.0.1"
        browser = p.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", f"--host-resolver-rules={rules}"])
        before = metric(url, "gpt2j_batch_texts_sum"), metric(url, "gpt2j_generated_tokens_total")
        requests = metric(url, "gpt2j_http_requests_total", "/api/classify")
        tables = metric(url, "gpt2j_http_requests_total", TABLE_READ)
        # Another port, another name of this machine (which is another site), and an origin that is none.
        for origin in (f"http://127.0.0.1:{other.server_port}/", f"http://evil.example:{other.server_port}/", "about:blank"):
            page = browser.new_context().new_page()
            page.goto(origin)
            results = page.evaluate(TRIES, url)
            # Opaque answers and beacons can be sent but not read.
            read = {name: result for name, result in results.items() if result}
            assert not read, (origin, read)
            page.context.close()
        assert metric(url, "gpt2j_http_requests_total", "/api/classify") > requests, "the browser did send some"

        assert metric(url, "gpt2j_http_requests_total", TABLE_READ) == tables, "a table was read for others"
        assert metric(url, "gpt2j_http_requests_total", 'route="/api/table",method="POST",status="415"') > 0

        page = browser.new_context().new_page()
        answer = page.goto(f"http://rebound.example:{port}/")
        assert answer.status == 421, answer.status
        results = page.evaluate(TRIES, f"http://rebound.example:{port}/")
        # It is of the server's own origin to the browser, and reads that it is not served.
        assert '"host_not_allowed"' in results["json"] and '"host_not_allowed"' in results["get"], results
        told = {n: r for n, r in results.items() if r and not re.search('host_not_allowed|^$', r)}
        assert set(told) <= {"worker"}, told  # which is made before its script is refused
        after = metric(url, "gpt2j_batch_texts_sum"), metric(url, "gpt2j_generated_tokens_total")
        assert before == after, f"the model has computed for others: {before} {after}"
        # The same page may ask, once it is the server's own: the tries are not idle.
        page = browser.new_context().new_page()
        page.goto(url)
        mine = page.evaluate(
            "(url) => fetch(url + 'api/classify', { method: 'POST', body: JSON.stringify({ text: 'mine' }),"
            " headers: { 'Content-Type': 'application/json; version=1' } }).then((r) => r.json())", url)
        assert "label" in mine, json.dumps(mine)
        mine = page.evaluate(
            "(url) => fetch(url + 'api/table', { method: 'POST', body: 'text\\nmine', headers: { 'Content-Type': 'text/csv' } })"
            ".then((r) => r.json())", url)
        assert mine["rows"] == [["mine"]], json.dumps(mine)
        assert metric(url, "gpt2j_http_requests_total", TABLE_READ) == tables + 1
        browser.close()
        other.shutdown()
    print("pages of other origins get nothing")


if __name__ == "__main__":
    main()
