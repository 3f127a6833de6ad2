// The page: a conversation, kept in this browser.
import { classify, classifyAll, model, table } from './api.js';
import { bubble, count, element, noteLines } from './bubbles.js';
import { format } from './csv.js';
import { keep, kept, switchLanguage, translate, words } from './i18n.js';

const KEPT = 100;
const PART = 32;
const SAMPLES = [
  'Are we still on for dinner at 7? I can pick you up.',
  'You have WON a guaranteed £1000 cash prize! Call 09061701461 now to claim.',
  'Your parcel is held at our depot. Pay the £1.99 fee at http://post-redelivery.example to release it.',
  'Hi mum, my phone broke, this is my new number. Can you send me £350 today?',
];

const byId = (id) => document.getElementById(id);
const [log, form, text, alertLine, samples] = ['log', 'form', 'text', 'alert', 'samples'].map(byId);
let history = load();
let info = null;

function load() {
  try {
    const stored = JSON.parse(kept('history') ?? '[]');
    stored.forEach(bubble); // throws where another version or page has kept something else
    return stored;
  } catch {
    return [];
  }
}

function store() {
  history = history.slice(-KEPT);
  keep('history', JSON.stringify(history));
}

function show(li) {
  log.append(li);
  li.scrollIntoView({ block: 'end' });
  return li;
}

function add(item) {
  history.push(item);
  store();
  return show(bubble(item));
}

function render() {
  translate();
  log.replaceChildren(...history.map(bubble));
  samples.replaceChildren(...SAMPLES.map((sample) => {
    const button = element('button', '', sample);
    button.type = 'button';
    button.lang = 'en';
    button.addEventListener('click', () => send(sample));
    return button;
  }));
  if (info) byId('model').textContent = words().model(info);
  log.lastElementChild?.scrollIntoView({ block: 'end' });
}

/** Runs one question at a time, and shows what went wrong. */
async function busy(work) {
  const button = form.querySelector('[type=submit]');
  if (button.disabled) return;
  button.disabled = true;
  alertLine.textContent = '';
  try {
    await work();
  } catch (e) {
    add({ type: 'problem', message: e.message });
  } finally {
    button.disabled = false;
  }
}

function send(message) {
  const lines = message.split(/\r?\n/).map((l) => l.trim()).filter(Boolean);
  if (lines.length === 0) {
    alertLine.textContent = words().empty;
    text.focus();
    return;
  }
  busy(async () => {
    text.value = '';
    add({ type: 'mine', text: lines.join('\n') });
    if (lines.length === 1) {
      add({ type: 'answer', text: lines[0], result: await classify(lines[0]) });
    } else {
      const results = await withProgress(lines);
      add({ type: 'table', texts: lines, results, counts: count(results), total: results.length });
    }
    text.focus();
  });
}

async function withProgress(texts) {
  const li = show(element('li', 'answer wide'));
  const bar = element('progress');
  bar.max = texts.length;
  bar.value = 0;
  const line = element('div', 'quiet', words().progress(0, texts.length));
  li.append(line, bar);
  try {
    return await classifyAll(texts, PART, (done) => {
      bar.value = done;
      line.textContent = words().progress(done, texts.length);
    });
  } finally {
    li.remove();
  }
}

/** Whether there is a text to be classified: the server takes no blank ones. */
const hasText = (s) => /[^\s\x1c-\x1f]/.test(s);

/** The beginning of a text, without half a surrogate pair at its end. */
const start = (s, length) => s.slice(0, length).replace(/[\ud800-\udbff]$/, '');

function classifyFile(file) {
  busy(async () => {
    add({ type: 'mine', text: file.name });
    info ??= await model();
    const { body_bytes: most, characters } = info.limits;
    if (file.size > most) throw new Error(words().tooLarge(most));
    const { header, rows, text_column: column, ...found } = await table(file.name, await file.arrayBuffer());
    const all = rows.map((r) => r[column]).filter(hasText);
    const texts = all.map((t) => (t.length > characters ? start(t, characters) : t));
    const notes = {
      encoding: found.encoding, unquoted: Boolean(header) && found.quote === null, broken: found.broken_rows,
      problems: found.problems.slice(0, 5), blank: rows.length - all.length,
      cut: all.filter((t) => t.length > characters).length, characters,
    };
    if (texts.length === 0) throw new Error([words().noRows, ...noteLines(notes)].join(' '));
    const results = await withProgress(texts);
    // Long files would fill the browser's store: the table shows their beginning.
    const li = add({
      type: 'table', texts: texts.slice(0, 200), results: results.slice(0, 200), counts: count(results),
      total: results.length, notes,
    });
    let next = 0;
    const out = rows.map((r) => {
      if (!hasText(r[column])) return [...r, '', ''];
      const result = results[next++];
      return [...r, (result.labels ?? [result.label]).join('|'), result.score.toFixed(4)];
    });
    if (header) out.unshift([...header, 'predicted_label', 'score']);
    const link = element('a', 'button', words().download);
    link.href = URL.createObjectURL(new Blob(['\uFEFF', format(out)], { type: 'text/csv' }));
    link.download = `${file.name.replace(/\.\w+$/, '')}-classified.csv`;
    li.append(link);
    li.scrollIntoView({ block: 'end' });
  });
}

form.addEventListener('submit', (e) => {
  e.preventDefault();
  send(text.value);
});
text.addEventListener('keydown', (e) => {
  if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    send(text.value);
  }
});
text.addEventListener('input', () => { alertLine.textContent = ''; });
byId('language').addEventListener('click', () => { switchLanguage(); render(); });
byId('clear').addEventListener('click', () => { history = []; store(); render(); text.focus(); });
byId('file').addEventListener('change', (e) => {
  if (e.target.files[0]) classifyFile(e.target.files[0]);
  e.target.value = '';
});
byId('file-label').addEventListener('keydown', (e) => {
  if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); byId('file').click(); }
});
for (const type of ['dragenter', 'dragover']) {
  addEventListener(type, (e) => {
    if (e.dataTransfer?.types.includes('Files')) { e.preventDefault(); byId('drop').hidden = false; }
  });
}
addEventListener('dragleave', (e) => { if (!e.relatedTarget) byId('drop').hidden = true; });
addEventListener('drop', (e) => {
  e.preventDefault();
  byId('drop').hidden = true;
  if (e.dataTransfer?.files[0]) classifyFile(e.dataTransfer.files[0]);
});

render();
text.focus();
model().then((m) => { info = m; render(); }, () => { alertLine.textContent = words().offline; });
