// CSV (RFC 4180: quotes, doubled quotes, line ends within quotes), and lines of fields with tabs between.

/** Rows of fields of a CSV file. */
export function parse(text) {
  const rows = [];
  let row = [], field = '', quoted = false;
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (source[i + 1] === '"') { field += '"'; i++; } else quoted = false;
    } else if (c === '"' && field === '') quoted = true;
    else if (c === ',') { row.push(field); field = ''; }
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && source[i + 1] === '\n') i++;
      row.push(field); rows.push(row); row = []; field = '';
    } else field += c;
  }
  if (field !== '' || row.length) { row.push(field); rows.push(row); }
  return rows.filter((r) => r.some((f) => f.trim() !== ''));
}

const TEXT = ['text', 'message', 'sms', 'sentence', 'content', 'v2'];

/** Rows of fields of a file without quoting, as the UCI collection is: a quote is a character like others. */
const tabbed = (text) => text.replace(/^\uFEFF/, '').split(/\r?\n/).filter((l) => l.trim()).map((l) => l.split('\t'));

/** {header, rows, column} of a file: the column of texts by its name, else the last one. */
export function table(name, content) {
  const csv = !/\.(tsv|tab|txt)$/i.test(name) && (/\.csv$/i.test(name) || !content.includes('\t'));
  const rows = csv ? parse(content) : tabbed(content);
  const first = rows[0]?.map((f) => f.trim().toLowerCase()) ?? [];
  const named = first.findIndex((f) => TEXT.includes(f));
  const header = named >= 0 ? rows.shift() : null;
  const column = named >= 0 ? named : Math.max(0, (rows[0]?.length ?? 1) - 1);
  return { header, rows: rows.filter((r) => (r[column] ?? '').trim() !== ''), column };
}

const quote = (field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** The text of a CSV file. */
export const format = (rows) => rows.map((r) => r.map((f) => quote(String(f))).join(',') + '\r\n').join('');
