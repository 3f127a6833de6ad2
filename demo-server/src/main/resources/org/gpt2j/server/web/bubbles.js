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

/** The labels of a result as one text: all that hold, or that none does. */
const labelsOf = (result) => (result.labels ?? [result.label]).map(labelName).join(', ') || words().none;

/** The probability of the label, or under a threshold of the one that it is for. */
const probability = (result) => (result.threshold ? result.probabilities[result.threshold.label] : result.score);

/** What was answered as a number: a probability, or the value of a regression. */
const scoreOf = (result) => (result.values ? result.score.toFixed(4) : percent(probability(result)));

/**
 * A line of a label, with its probability as a bar; under a threshold that of the label which it is
 * for; of a regression with its value.
 */
function measured(result, label, name, score) {
  const line = element('div', 'verdict');
  line.append(element('strong', kind(label), name));
  if (result.values) {
    line.append(element('span', '', score.toFixed(4)));
    return line;
  }
  const meter = element('meter', kind(label));
  meter.min = 0;
  meter.max = 1;
  meter.value = score;
  const what = result.threshold ? labelName(result.threshold.label) : words().confidence;
  meter.setAttribute('aria-label', what);
  meter.textContent = percent(score);
  const from = result.threshold ? words().from(percent(result.threshold.probability)) : '';
  line.append(meter, element('span', 'quiet', `${what} ${percent(score)}${from}`));
  return line;
}

/** A line for the label, or for each that holds; of none it says so, and which comes nearest. */
function verdict(result) {
  if (!result.labels) {
    return [measured(result, result.label, labelName(result.label), probability(result))];
  }
  const lines = result.labels.map((l) => measured(result, l, labelName(l), result.probabilities[l]));
  if (lines.length > 0) return lines;
  return [element('strong', '', words().none), measured(result, '', labelName(result.label), result.score)];
}

/** A word that changes the log odds by less, in nats, is not marked in full colour. */
const LITTLE = 0.5;

/** The text with the words marked that speak for the label, and against it. */
function explanation(text, result) {
  const parts = result.explanation;
  // What is little of a regression's value, only its model knows.
  const little = result.values ? 0 : LITTLE;
  const found = Math.max(...parts.map((p) => Math.abs(p.weight)), 0);
  const most = Math.max(found, little);
  const line = element('p', 'words');
  line.title = words().colours;
  const none = found === 0 || found < 0.2 * little;
  const which = result.labels ? ` (${labelName(result.label)})` : '';
  line.append(element('span', 'quiet', `${none ? words().noWord : words().words}${which}: `));
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
  li.append(...verdict(item.result));
  if (item.result.explanation?.length) li.append(explanation(item.text, item.result));
  if (item.result.truncated) li.append(element('p', 'quiet', words().cut));
  return li;
}

/** How many there are of each label; of a regression none is counted. */
export function count(results) {
  const counts = Object.create(null); // a label may be called constructor
  for (const r of results) {
    for (const l of r.values ? [] : r.labels ?? [r.label]) counts[l] = (counts[l] ?? 0) + 1;
  }
  return counts;
}

function summary(item) {
  const counts = Object.entries(item.counts);
  // Tables that were kept before texts could have several labels have no total.
  const total = item.total ?? counts.reduce((sum, [, n]) => sum + n, 0);
  return words().summary(total, counts.map(([l, n]) => `${n} ${labelName(l)}`).join(', '));
}

/** What should be known about how a file was read, a sentence each. */
export function noteLines(notes) {
  const w = words();
  const problems = notes.problems.map((p) => w.problem(p.line, p.problem));
  if (notes.problems.length < notes.broken) problems.push('…');
  return [
    notes.encoding === 'windows-1252' && w.assumed('Windows-1252'),
    notes.unquoted && w.unquoted,
    notes.broken > 0 && w.broken(notes.broken, problems.join('; ')),
    notes.blank > 0 && w.blank(notes.blank),
    notes.cut > 0 && w.cutTexts(notes.cut, notes.characters),
  ].filter(Boolean);
}

function grid(item) {
  const li = element('li', 'answer wide');
  li.append(element('div', '', summary(item)));
  if (item.notes) li.append(...noteLines(item.notes).map((line) => element('p', 'quiet', line)));
  const box = element('div', 'scroll');
  box.tabIndex = 0;
  const table = element('table');
  const head = table.createTHead().insertRow();
  const threshold = item.results[0]?.threshold;
  const number = threshold ? labelName(threshold.label)
    : item.results.some((r) => r.values) ? words().value : words().confidence;
  if (threshold) li.append(element('div', 'quiet', number + words().from(percent(threshold.probability))));
  for (const title of [words().text, words().verdict, number]) {
    const th = element('th', '', title);
    th.scope = 'col';
    if (title === number) th.className = 'number';
    head.append(th);
  }
  const body = table.createTBody();
  item.results.forEach((r, i) => {
    const row = body.insertRow();
    row.append(element('td', '', item.texts[i]), element('td', r.labels ? '' : kind(r.label), labelsOf(r)),
      element('td', 'number', scoreOf(r)));
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
