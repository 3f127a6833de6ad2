// Bubbles of the conversation. Texts of users become text nodes, never HTML.
import { labelName, words } from './i18n.js';

export function element(tag, className, text) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

const kind = (label) => (label === 'spam' || label === 'ham' ? label : '');
const percent = (score) => `${(100 * score).toFixed(1)} %`;

function verdict(result) {
  const line = element('div', 'verdict');
  line.append(element('strong', kind(result.label), labelName(result.label)));
  const meter = element('meter', kind(result.label));
  meter.min = 0;
  meter.max = 1;
  meter.value = result.score;
  meter.setAttribute('aria-label', words().confidence);
  meter.textContent = percent(result.score);
  line.append(meter, element('span', 'quiet', `${words().confidence} ${percent(result.score)}`));
  return line;
}

/** A word that changes the log odds by less, in nats, is not marked in full colour. */
const LITTLE = 0.5;

/** The text with the words marked that speak for the label, and against it. */
function explanation(text, parts) {
  const found = Math.max(...parts.map((p) => Math.abs(p.weight)), 0);
  const most = Math.max(found, LITTLE);
  const line = element('p', 'words');
  line.title = words().colours;
  line.append(element('span', 'quiet', `${found < 0.2 * LITTLE ? words().noWord : words().words}: `));
  let at = 0;
  for (const p of parts) {
    line.append(text.slice(at, p.start));
    const share = p.weight / most;
    const strength = share > 0.6 ? 'for2' : share > 0.2 ? 'for1' : share < -0.2 ? 'against1' : '';
    const mark = element('mark', strength, text.slice(p.start, p.end));
    mark.title = p.weight.toFixed(2);
    line.append(mark);
    at = p.end;
  }
  line.append(text.slice(at));
  return line;
}

function answer(item) {
  const li = element('li', 'answer');
  li.append(verdict(item.result));
  if (item.result.explanation?.length) li.append(explanation(item.text, item.result.explanation));
  if (item.result.truncated) li.append(element('p', 'quiet', words().cut));
  return li;
}

/** How many there are of each label. */
export function count(results) {
  const counts = Object.create(null); // a label may be called constructor
  for (const r of results) counts[r.label] = (counts[r.label] ?? 0) + 1;
  return counts;
}

function summary(counts) {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  return words().summary(total, Object.entries(counts).map(([l, n]) => `${n} ${labelName(l)}`).join(', '));
}

function grid(item) {
  const li = element('li', 'answer wide');
  li.append(element('div', '', summary(item.counts)));
  const box = element('div', 'scroll');
  box.tabIndex = 0;
  const table = element('table');
  const head = table.createTHead().insertRow();
  for (const title of [words().text, words().verdict, words().confidence]) {
    const th = element('th', '', title);
    th.scope = 'col';
    if (title === words().confidence) th.className = 'number';
    head.append(th);
  }
  const body = table.createTBody();
  item.results.forEach((r, i) => {
    const row = body.insertRow();
    row.append(element('td', '', item.texts[i]), element('td', kind(r.label), labelName(r.label)),
      element('td', 'number', percent(r.score)));
  });
  box.append(table);
  li.append(box);
  return li;
}

function problem(item) {
  const li = element('li', 'answer problem');
  li.append(element('strong', 'spam', words().error), element('div', '', item.message));
  return li;
}

/** The bubble of an item of the history. */
export function bubble(item) {
  switch (item.type) {
    case 'mine': return element('li', 'mine', item.text);
    case 'answer': return answer(item);
    case 'table': return grid(item);
    default: return problem(item);
  }
}
