// Calls of the server; failures are Errors whose message people can read.
import { words } from './i18n.js';

const WAITS = 5;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function call(path, body) {
  for (let tries = 1; ; tries++) {
    let response;
    try {
      response = await fetch(path, body && {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
      });
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

export const model = () => call('api/model');

/** One text, with the words that drove the answer. */
export const classify = (text) => call('api/classify', { text, explain: true });

/** Many texts, in their order; progress(done) is called after each part. */
export async function classifyAll(texts, size, progress) {
  const results = [];
  for (let i = 0; i < texts.length; i += size) {
    results.push(...(await call('api/classify', { texts: texts.slice(i, i + size) })).results);
    progress(results.length);
  }
  return results;
}
