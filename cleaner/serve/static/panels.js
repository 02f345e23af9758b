// What a draft does, told beside the editor: its problems, what changes here, on the sample, and how its tests fare.

import { $, clip, fault, make, many, number } from './page.js';

const NAMES = ['problems', 'here', 'corpus', 'tests'];
const told = { problems: null, here: null, corpus: null, tests: null };
let shown = 'problems';
let calls = {};

/** `go.line`, `go.place` and `go.again` are called where something listed is pressed. */
export function start(go) {
  calls = go;
  for (const name of NAMES) {
    tab(name).addEventListener('click', () => turn(name));
    tab(name).addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const to = event.key === 'Home' ? 0 : event.key === 'End' ? NAMES.length - 1
        : step && (NAMES.indexOf(name) + step + NAMES.length) % NAMES.length;
      if (to === undefined) return;
      event.preventDefault();
      turn(NAMES[to]);
      tab(NAMES[to]).focus();
    });
  }
  draw();
}

const tab = name => $(`tab-${name}`);

export function turn(name) {
  shown = name;
  for (const each of NAMES) {
    tab(each).setAttribute('aria-selected', String(each === name));
    tab(each).tabIndex = each === name ? 0 : -1;
  }
  $('panel').setAttribute('aria-labelledby', `tab-${name}`);
  draw();
}

/** Takes what is told of a part; null for nothing yet, `{ waiting }` or `{ error }` for what stands in its way. */
export function put(name, value) {
  told[name] = value;
  const count = counts[name](value);
  tab(name).querySelector('.count').replaceChildren(...count);
  $('count-all').replaceChildren(...all());
  if (name === shown) draw();
}

/** Sums up problems and tests for the phone, where there is room for a number. */
function all() {
  const problems = told.problems?.problems?.filter(each => each.severity !== 'note').length || 0;
  const count = problems + (told.tests?.failed || 0);
  return count ? [badge(count, 'bad')] : told.problems?.problems ? [badge('✓', 'good')] : [];
}

const badge = (text, kind) => make('span', { class: `badge ${kind}` }, text);
const both = value => {
  if (!value?.cut) return [];
  const [cut, kept] = [size(value.cut), size(value.kept)];
  if (!cut && !kept) return [badge('0', 'none')];
  return [cut ? badge(`+${number(cut)}`, 'cut') : '', kept ? badge(`−${number(kept)}`, 'kept') : ''];
};
const size = part => (Array.isArray(part) ? part.length : part.pieces);
const counts = {
  problems: value => {
    const bad = value?.problems?.filter(each => each.severity !== 'note') || [];
    const kind = bad.some(each => each.severity === 'error') ? 'bad' : 'warn';
    return bad.length ? [badge(bad.length, kind)] : value?.problems ? [badge('✓', 'good')] : [];
  },
  here: both,
  corpus: both,
  tests: value => (value?.trials ? [value.failed ? badge(`${value.failed} failed`, 'bad') : badge('✓', 'good')] : []),
};

function draw() {
  const value = told[shown];
  const panel = $('panel');
  panel.setAttribute('aria-busy', String(Boolean(value?.waiting)));
  if (value?.error) panel.replaceChildren(make('p', { class: 'bad' }, value.error.line ? `Line ${value.error.line}: ` : '', ...fault(value.error)),
    make('button', { type: 'button', click: () => calls.again() }, 'Try again'));
  else if (value?.waiting) panel.replaceChildren(make('p', { class: 'soft waiting' }, value.waiting));
  else panel.replaceChildren(...pages[shown](value));
}

/** Sums up what changes: each direction that occurs, with how many pieces and where. */
function sum(...parts) {
  const share = typeof parts.at(-1) === 'string' ? parts.pop() : '';
  const told = parts.filter(([count]) => count).map(([count, direction, where]) => [make('b', { class: direction }, `${many(count, 'piece')} newly ${direction}`), where]);
  return make('p', {}, share, told.flatMap((each, at) => (at ? [', ', ...each] : each)), '.');
}

const soft = text => make('p', { class: 'soft' }, text);

const pages = {
  problems(value) {
    if (!value) return [soft('What is wrong with a rule is told here as you write, with its line.')];
    if (!value.problems.length) return [make('p', { class: 'good' }, 'No problems: the rule can be read, and nothing in it stands out.')];
    return [make('ul', { class: 'list' }, value.problems.map(each => make('li', { class: each.severity },
      make('button', { type: 'button', click: () => calls.line(each.line || 1) },
        make('span', { class: 'where' }, `line ${each.line || '?'}`), make('span', { class: 'unseen' }, ` ${each.severity}: `),
        make('span', {}, ...fault({ field: each.field, message: each.message }))),
      each.hint ? make('p', { class: 'soft' }, each.hint) : null)))];
  },

  here(value) {
    if (!value) return [soft('Change a rule: what it newly cuts and newly keeps in this document stands here.')];
    const { cut, kept } = value;
    if (!cut.length && !kept.length) return [soft('In this document nothing changes.')];
    return [sum([cut.length, 'cut', ''], [kept.length, 'kept', '']),
    make('ul', { class: 'list' }, [...cut.map(each => ['cut', each]), ...kept.map(each => ['kept', each])].map(([direction, each]) => make('li', {},
      make('button', { type: 'button', class: 'piece', click: () => calls.place(each.start) }, piece(direction, each)))))];
  },

  corpus(value) {
    if (!value) return [soft('Change a rule: what it newly cuts and newly keeps in a sample of the input stands here.')];
    if (value.none) return [soft('There is no sample: start the page as “cleaner serve INPUT” to see what a change does elsewhere.')];
    const spread = part => ` in ${many(part.documents, 'document')} (${many(part.characters, 'character')})`;
    const share = `${number(value.changed)} of ${many(value.documents, 'document')} ${value.changed === 1 ? 'changes' : 'change'}: `;
    const head = value.changed
      ? sum([value.cut.pieces, 'cut', spread(value.cut)], [value.kept.pieces, 'kept', spread(value.kept)], share)
      : soft(`Of ${many(value.documents, 'document')} none changes.`);
    return [head, make('ul', { class: 'list' }, value.samples.map(each => make('li', {},
      make('div', { class: 'piece' }, piece(each.direction, each)),
      make('a', { href: `#document=${encodeURIComponent(wellFormed(each.document))}`, class: 'where' }, clip(each.document, 60)))))];
  },

  tests(value) {
    if (!value) return [soft('The examples under “tests:” are run as you write; Ctrl+Enter runs them at once.')];
    if (!value.trials.length) return [make('p', { class: 'warn' }, 'This rule has no tests. Each rule needs one example at least of what it cuts, and one of what it keeps.')];
    const passed = value.trials.length - value.failed;
    return [make('p', { class: value.failed ? 'bad' : 'good' }, `${number(passed)} of ${many(value.trials.length, 'trial')} hold${passed === 1 ? 's' : ''}.`),
      make('ul', { class: 'list' }, [...value.trials].sort((one, other) => one.ok - other.ok).map(each => make('li', { class: each.ok ? 'passed' : 'failed' },
        make('button', { type: 'button', click: () => calls.line(each.line || 1) }, make('span', { 'aria-hidden': 'true' }, each.ok ? '✓ ' : '✗ '),
          make('span', { class: 'unseen' }, each.ok ? 'holds: ' : 'fails: '), make('span', { class: 'where' }, each.line ? `line ${each.line}` : `example ${each.number}`),
          make('span', {}, MODES[each.mode] || each.mode)),
        each.ok ? null : make('dl', { class: 'pair' }, make('dt', {}, 'expected'), make('dd', { dir: 'auto' }, say(each.expected)), make('dt', {}, 'got'), make('dd', { dir: 'auto' }, say(each.got))))))];
  },
};

const MODES = { alone: ' by this rule alone', together: ' together with all rules' };

const say = value => (value === null || value === undefined ? '(nothing)' : typeof value === 'string' ? value || '(an empty text)' : JSON.stringify(value, null, 1));
const wellFormed = text => (text.toWellFormed ? text.toWellFormed() : text);

/** Draws a piece with what stands around it. */
function piece(direction, { text, before, after }) {
  return [make('span', { class: 'unseen' }, direction === 'cut' ? 'newly cut: ' : 'newly kept: '), before ? make('span', { class: 'soft', dir: 'auto' }, `… ${before.trim()} `) : '',
    make('span', { class: `change ${direction}`, dir: 'auto' }, text), after ? make('span', { class: 'soft', dir: 'auto' }, ` ${after.trim()} …`) : ''];
}
