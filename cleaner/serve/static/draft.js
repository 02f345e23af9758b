// The rule in hand: its text, the text that is saved, and where it came from.

import { ask, forget, isVoid } from './api.js';
import { $, later, make, put as question, tell, turnTo, warn } from './page.js';
import * as panels from './panels.js';

const BLANK = `rules:
  - id: mine.new-rule
    rev: 1
    status: test
    class: other
    why: What this cuts, and where it comes from.
    line:
      eq: ["The line that goes"]
    action: drop
    tests:
      - {in: "The bridge opens on Friday.\\nThe line that goes\\nIt cost nine million.", out: "The bridge opens on Friday.\\nIt cost nine million."}
      - {keep: "The line that goes on for longer stays."}
`;
const PAUSE = 250;
const LONGER = 500;

export const draft = { text: '', saved: '', opened: null };
let editor = null;
let building = null;
let calls = {};
let turn = 0;
let schema = null;

export const isDirty = () => draft.text !== draft.saved;

/** Returns what is sent to try the draft; null where there is none, or it says what is saved already. */
export function sent(always = false) {
  if (!draft.text.trim() || !(always || isDirty())) return null;
  const { opened } = draft;
  const named = opened && new RegExp(`\\bid:\\s*["']?${opened.id.replace(/[.]/g, '\\.')}["']?\\s*(?:$|[,}#])`, 'm').test(draft.text);
  return { text: draft.text, instead: opened && !named ? [opened.id] : [] };
}

/** `given.changed` is called when the text changes, `given.tried` when a draft that can be read is to be tried. */
export function start(given) {
  calls = given;
}

async function ready() {
  building ??= import('./editor.js').then(({ build }) => {
    $('editor-hint').hidden = true;
    editor = build($('editor'), draft.text, {
      changed: edited,
      run: () => test(true),
      save: calls.save,
      leave: calls.leave,
      schema: () => (schema ??= ask('schema').catch(error => { schema = null; throw error; })),
    });
  });
  await building;
  return editor;
}

/** Loads the editor beforehand, so that the first rule opens at once. */
export const prepare = () => import('./editor.js').catch(() => {});

/** Puts a rule into the hand: its text, what of it is saved, and what is known of it. */
export async function open(text, saved, opened, focus = true) {
  Object.assign(draft, { text, saved, opened });
  head();
  panels.put('here', null);
  panels.put('corpus', null);
  panels.put('tests', null);
  panels.put('problems', null);
  try {
    (await ready()).open(text);
  } catch (error) {
    return warn(error);
  }
  if (focus) {
    turnTo('rule');
    editor.focus();
  }
  return null;
}

export async function openRule(id, focus = true) {
  if (draft.opened?.id === id) return focus ? (turnTo('rule'), (await ready()).focus()) : null;
  if (!(await mayLeave())) return null;
  try {
    const rule = await ask(`rule?id=${encodeURIComponent(id)}`);
    await open(rule.text, rule.text, rule, focus);
    calls.opened();
  } catch (error) {
    if (!isVoid(error)) warn(error);
  }
  return null;
}

export async function begin(text = BLANK) {
  if (!(await mayLeave())) return;
  await open(text, '', null);
  calls.opened();
}

/** Asks whether what is not saved may be lost. */
export async function mayLeave() {
  if (!isDirty()) return true;
  return (await question('The rule in the editor is not saved.', [['keep', 'Go on editing it'], ['drop', 'Drop what I changed']])) === 'drop';
}

/** Says which rule it is, where it stands, and whether it is saved. */
export function head() {
  const { opened } = draft;
  const named = draft.text.match(/^\s*(?:-\s+)?\{?\s*id:\s*["']?([\w.-]+)/m)?.[1];
  $('rule-name').textContent = named || opened?.id || (draft.text ? 'A new rule' : 'No rule open');
  const where = opened ? (opened.own ? opened.file.split('/').at(-1) : `${opened.file.split('/').slice(-2).join('/')}, not yours: saving makes a rule of your own`) : draft.text ? 'not in a file yet' : '';
  const facts = opened ? [opened.class, opened.kind, opened.status].filter(Boolean).join(' · ') : '';
  $('rule-about').replaceChildren(...[facts, where, isDirty() ? make('b', { class: 'unsaved' }, 'not saved') : ''].filter(Boolean)
    .flatMap((part, at) => (at ? [' · ', part] : [part])));
  $('dot').hidden = !isDirty();
  $('save').disabled = !draft.text.trim() || !calls.canSave();
  $('run').disabled = !draft.text.trim();
}

function edited(text) {
  draft.text = text;
  if (isDirty()) tell('');
  head();
  calls.changed();
  examine();
}

let problems = [];
const mark = (trials = []) => editor?.mark([...problems, ...trials.filter(each => !each.ok)
  .map(each => ({ line: each.line, severity: 'warning', message: `This example fails, ${each.mode}`, hint: '' }))]);

/** Checks the draft, then tries it: here, its tests, then the sample. Whatever is older is dropped. */
async function look() {
  const mine = turn += 1;
  const now = sent(true);
  for (const kind of ['test', 'compare']) forget(kind);
  if (!now) {
    for (const name of ['problems', 'here', 'corpus', 'tests']) panels.put(name, null);
    return calls.tried(null);
  }
  try {
    const found = await ask('check', { draft: now });
    if (mine !== turn) return null;
    problems = found.problems;
    panels.put('problems', found);
    mark();
    if (!found.ok) {
      for (const name of ['here', 'corpus', 'tests']) panels.put(name, { waiting: 'Waits until the rule can be read.' });
      return null;
    }
    await calls.tried(sent());
    if (mine !== turn) return null;
    await test(false);
    if (mine === turn) compare();
  } catch (error) {
    if (!isVoid(error) && mine === turn) panels.put('problems', { error });
  }
  return null;
}

const examine = later(look, PAUSE);

/** Tries the draft again, as when the document is another one. */
export const again = () => (draft.text.trim() ? look() : calls.tried(null));

/** Runs the tests of the draft; when `asked` for, they are shown. */
export async function test(asked) {
  const now = sent(true);
  if (!now) return;
  if (asked) {
    panels.turn('tests');
    turnTo('results');
    panels.put('tests', { waiting: 'The tests run …' });
  }
  try {
    const found = await ask('test', { draft: now });
    panels.put('tests', found);
    mark(found.trials);
    if (asked) tell(found.failed ? `${found.failed} of ${found.trials.length} trials fail.` : `All ${found.trials.length} trials hold.`);
  } catch (error) {
    if (!isVoid(error)) panels.put('tests', { error });
  }
}

const compare = later(async () => {
  const now = sent();
  if (!now) return panels.put('corpus', null);
  if (!calls.hasSample()) return panels.put('corpus', { none: true });
  panels.put('corpus', { waiting: 'The sample is compared …' });
  try {
    panels.put('corpus', await ask('compare', { draft: now }));
  } catch (error) {
    if (!isVoid(error)) panels.put('corpus', { error });
  }
  return null;
}, LONGER);

export const goToLine = async line => {
  turnTo('rule');
  (await ready()).goTo(line);
};

export async function focusEditor() {
  if (!draft.text) return tell('No rule is open: press r to find one.');
  turnTo('rule');
  return (await ready()).focus();
}

/** Takes what was saved: its text may be laid out anew, and its id may be another one. */
export async function settle(saved) {
  const rule = await ask(`rule?id=${encodeURIComponent(saved.rules[0])}`).catch(() => ({ id: saved.rules[0], file: saved.file, own: true }));
  const opened = { ...rule, digest: saved.digest };
  calls.saved();
  if (saved.text === draft.text) {
    Object.assign(draft, { saved: saved.text, opened });
    head();
    look();
  } else {
    await open(saved.text, saved.text, opened, false);
  }
  calls.opened();
}
