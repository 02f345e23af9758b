// The server, asked over HTTP. A newer question of a kind makes the older one void, so that a stale answer never wins.

/** What the server answers when it will not: a message, a hint, and of rules the line, the field and the rule. */
export class Refusal extends Error {
  constructor(status, { message, hint, line, field, rule, path } = {}) {
    super(message || `The server answered ${status}.`);
    Object.assign(this, { status, hint: hint || '', line, field, rule, path });
  }
}

/** The server did not answer at all. */
export class Lost extends Error {
  constructor() {
    super('The server does not answer. Is `cleaner serve` still running? What you wrote is kept in this window.');
  }
}

export const isVoid = error => error?.name === 'AbortError';

const open = new Map();
const listeners = new Set();

/** Calls back with true when the server stops answering, with false when it answers again. */
export const onLost = listener => listeners.add(listener);
let lost = false;

function note(now) {
  if (lost !== now) {
    lost = now;
    for (const listener of listeners) listener(now);
  }
}

/** Asks for a path below `api/`; with a body by POST. */
export async function ask(path, body, kind = path.split('?')[0]) {
  open.get(kind)?.abort();
  const control = new AbortController();
  open.set(kind, control);
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  let answer;
  try {
    answer = await fetch(`api/${path}`, { ...sent, signal: control.signal, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch (error) {
    if (isVoid(error)) throw error;
    note(true);
    throw new Lost();
  }
  note(false);
  let told;
  try {
    told = await answer.json();
  } catch (error) {
    if (isVoid(error)) throw error;
    throw new Refusal(answer.status);
  }
  if (!answer.ok) throw new Refusal(answer.status, told?.error);
  return told;
}

/** Makes void what was asked of a kind. */
export const forget = kind => open.get(kind)?.abort();
