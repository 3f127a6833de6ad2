// Calls of the server; failures are Errors whose message people can read.
import { words } from './i18n.js';

const WAITS = 5;

/** Characters after which a request takes no further text: escaped, they fit into its body. */
const CHARACTERS = 100_000;

const TAB = 'text/tab-separated-values';

/** Types of files by the end of their names; any other may have plain lines. */
const TYPES = new Map([['csv', 'text/csv'], ['tsv', TAB], ['tab', TAB]]);

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** The answer to a POST of a body, or to a GET where there is none. */
async function call(path, body, type) {
  for (let tries = 1; ; tries++) {
    let response;
    try {
      response = await fetch(path, body && { method: 'POST', headers: { 'Content-Type': type }, body });
    } catch {
      throw new Error(words().offline);
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    // A full queue empties within seconds.
    if (response.status === 503 && tries < WAITS) {
      await sleep(Math.min(10, Number(response.headers.get('Retry-After')) || 1));
      continue;
    }
    throw new Error(answer?.error?.message ?? `HTTP ${response.status}`);
  }
}

const callJson = (path, json) => call(path, JSON.stringify(json), 'application/json');

export const model = () => call('api/model');

/** The rows of a file, and how they were found: what the server's /openapi.json calls a Table. */
export const table = (name, bytes) =>
  call('api/table', bytes, TYPES.get(name.split('.').pop().toLowerCase()) ?? 'application/octet-stream');

/** One text, with the words that drove the answer. */
export const classify = (text) => callJson('api/classify', { text, explain: true });

/** Many texts, at most size of them a request, in their order; progress(done) is called after each. */
export async function classifyAll(texts, size, progress) {
  const results = [];
  while (results.length < texts.length) {
    const part = [];
    let characters = 0;
    for (const text of texts.slice(results.length, results.length + size)) {
      if (characters >= CHARACTERS) break;
      part.push(text);
      characters += text.length;
    }
    results.push(...(await callJson('api/classify', { texts: part })).results);
    progress(results.length);
  }
  return results;
}
