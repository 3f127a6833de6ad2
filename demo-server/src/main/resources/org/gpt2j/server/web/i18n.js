// The page's words in English and Chinese.
const WORDS = {
  en: {
    title: 'Spam or not?', skip: 'Skip to the message', clear: 'Clear', log: 'Conversation', samples: 'Examples to try',
    label: 'Message', placeholder: 'Type a message, or paste several lines', send: 'Classify', file: 'CSV file',
    hint: 'Enter sends, Shift+Enter starts a new line. Several lines become a table; drop a CSV file to classify it.',
    drop: 'Drop the file to classify it', other: '中文', otherLang: 'zh',
    empty: 'Please enter a text to classify', error: 'Error', spam: 'Spam', ham: 'Not spam', confidence: 'confidence', from: (p) => `, blocked from ${p} on`, value: 'value', none: 'No label',
    words: 'Words that drove it', noWord: 'No single word drove it', colours: 'Orange speaks for the label, blue against it.', text: 'Text', verdict: 'Label', summary: (n, c) => `${n} messages${c && ': '}${c}`,
    download: 'Download the result', progress: (d, n) => `${d} of ${n} messages`, cut: 'It is too long: only a part was read.',
    noRows: 'The file has no text to classify.', tooLarge: (n) => `The file has more than ${n} bytes, the most that this page takes; classify --input of the program takes any.`,
    assumed: (e) => `Read as ${e}, since it is not UTF-8.`, unquoted: 'Quotes are ordinary characters, since they do not fit together.',
    broken: (n, p) => `Broken rows left out: ${n} (${p}).`, problem: (l, p) => `line ${l}: ${p}`, blank: (n) => `Rows without a text: ${n}.`,
    cutTexts: (n, c) => `Texts of which only ${c} characters were read: ${n}.`,
    offline: 'The server does not answer.', model: (m) => `model ${m.name}, base ${m.base ?? 'none'}`,
  },
  zh: {
    title: '垃圾信息识别', skip: '跳到输入框', clear: '清空', log: '对话', samples: '示例',
    label: '信息', placeholder: '输入一条信息，或粘贴多行', send: '分类', file: 'CSV 文件',
    hint: '回车发送，Shift+回车换行。多行文本会显示为表格；拖入 CSV 文件可批量分类。',
    drop: '松开以分类该文件', other: 'English', otherLang: 'en',
    empty: '请输入一段文本以进行分类', error: '错误信息', spam: '垃圾信息', ham: '正常信息', confidence: '置信度', from: (p) => `，达到 ${p} 即拦截`, value: '数值', none: '无标签',
    words: '关键词语', noWord: '没有单个词起决定作用', colours: '橙色支持该标签，蓝色反对。', text: '文本', verdict: '标签', summary: (n, c) => `${n} 条信息${c && '：'}${c}`,
    download: '下载结果', progress: (d, n) => `${d} / ${n} 条`, cut: '文本过长，仅读取了其中一部分。',
    noRows: '文件中没有可分类的文本。', tooLarge: (n) => `文件超过 ${n} 字节，本页面无法处理；命令行程序的 classify --input 没有此限制。`,
    assumed: (e) => `文件不是 UTF-8，已按 ${e} 读取。`, unquoted: '引号不成对，已作为普通字符处理。',
    broken: (n, p) => `已略过 ${n} 个损坏的行（${p}）。`, problem: (l, p) => `第 ${l} 行：${p}`, blank: (n) => `没有文本的行：${n}。`,
    cutTexts: (n, c) => `仅读取了前 ${c} 个字符的文本：${n}。`,
    offline: '服务器没有响应。', model: (m) => `模型 ${m.name}，基座 ${m.base ?? '无'}`,
  },
};

/** What the browser keeps for this page; null where it keeps nothing or does not let us. */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps it if there is room: the page works without. */
export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Full or closed.
  }
}

const chosen = kept('language') ?? navigator.languages?.[0] ?? navigator.language ?? 'en';
let language = chosen.toLowerCase().startsWith('zh') ? 'zh' : 'en';

/** The words of the language that is on. */
export const words = () => WORDS[language];

/** A label as people read it; labels of other models stay as they are. */
export const labelName = (label) => (label === 'spam' || label === 'ham' ? words()[label] : label);

/** Puts the words into the page. */
export function translate() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = words().title;
  for (const e of document.querySelectorAll('[data-i18n]')) e.textContent = words()[e.dataset.i18n];
  for (const e of document.querySelectorAll('[data-i18n-label]')) e.setAttribute('aria-label', words()[e.dataset.i18nLabel]);
  for (const e of document.querySelectorAll('[data-i18n-placeholder]')) e.placeholder = words()[e.dataset.i18nPlaceholder];
  const other = document.getElementById('language');
  other.textContent = words().other;
  other.lang = words().otherLang;
}

export function switchLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  keep('language', language);
}
