// What a reload brings back: the document and the draft, kept by this window; the address names them where they have names.

const KEY = 'cleaner-desk';

export function keep(what) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(what));
  } catch {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ ...what, document: null })); // a long text has no room; the rule does
    } catch { /* no memory at all: the page works without */ }
  }
}

export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

/** Reads `#document=ID&rule=ID`. */
export function asked() {
  const found = {};
  for (const part of location.hash.slice(1).split('&')) {
    const [name, value] = part.split(/=(.*)/s);
    try {
      if (value && (name === 'document' || name === 'rule')) found[name] = decodeURIComponent(value);
    } catch { /* no address of ours */ }
  }
  return found;
}

export function name({ document: id, rule }) {
  const parts = [['document', id], ['rule', rule]].filter(([, value]) => value)
    .map(([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed?.() ?? value)}`);
  const hash = parts.length ? `#${parts.join('&')}` : '';
  if (hash !== location.hash) history.replaceState(null, '', hash || location.pathname); // it copies what forms hold: 0.2 s a MB
}
