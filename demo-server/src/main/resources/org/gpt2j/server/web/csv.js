// CSV as RFC 4180 has it: quotes, doubled quotes, line ends within quotes.

const quote = (field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** The text of a CSV file. */
export const format = (rows) => rows.map((r) => r.map((f) => quote(String(f))).join(',') + '\r\n').join('');
