// The page: one document, one rule, and what the rule does to the document. Read from top to bottom.

import { Lost, ask, isVoid, onLost } from './api.js';
import * as below from './below.js';
import * as rule from './draft.js';
import { markLine } from './lines.js';
import * as memory from './memory.js';
import { $, calm, clip, make, many, number, tell, turnTo, warn } from './page.js';
import * as panels from './panels.js';
import { pick } from './picker.js';
import { save } from './saving.js';
import * as selection from './selection.js';
import * as source from './source.js';

const LONGEST = 30_000_000;
let about = { save: { folder: null, files: [], why_not: '' }, corpus: { documents: 0 }, inputs: [], limits: {} };
let here = null; // the document, as it is sent
let shown = false; // whether what stands there is that document
let drawn = ''; // the draft it was cleaned with

// --- the document

/** Cleans the document, with the draft where there is one, and draws what comes of it. */
async function clean(draft = rule.sent()) {
  const asked = JSON.stringify(draft);
  if (!here || (shown && asked === drawn)) return;
  const begun = performance.now();
  $('source').setAttribute('aria-busy', 'true');
  try {
    const found = await ask('clean', { document: here, ...(draft && { draft }) });
    const answered = performance.now();
    draw(found);
    drawn = asked;
    panels.put('here', found.changes);
    performance.measure('cleaner-answer', { start: begun, end: answered });
    requestAnimationFrame(() => setTimeout(() => performance.measure('cleaner-draw', { start: answered })));
  } catch (error) {
    if (isVoid(error)) return;
    if (draft) panels.put('here', { error });
    else {
      if (!shown) $('figures').textContent = 'It was not cleaned.';
      warn(error, [make('button', { type: 'button', click: () => { calm(); clean(null); } }, 'Try again')]);
    }
  } finally {
    $('source').removeAttribute('aria-busy');
  }
}

function draw(found) {
  blank(false);
  source.show(found, shown);
  below.show(found, id => rule.openRule(id));
  shown = true;
  $('name').textContent = clip(found.title || here.id || 'A pasted text', 120);
  const share = found.characters ? ` (${(found.removed / found.characters * 100).toFixed(1)} %)` : '';
  $('figures').textContent = `${many(found.cuts.length, 'cut')} · ${number(found.removed)} of ${many(found.characters, 'character')} removed${share}`;
  $('tools').hidden = false;
}

function blank(visible) {
  $('blank').hidden = !visible;
  $('source').hidden = $('below').hidden = visible;
  if (visible) {
    $('tools').hidden = true;
    $('name').textContent = 'No document yet';
    $('figures').textContent = '';
  }
}

/** Takes a document: one with an id is the server's, any other is sent whole. */
async function take(document, heard = true) {
  here = document;
  shown = false;
  calm();
  wait();
  turnTo('document');
  remember();
  await clean(null);
  if (rule.sent()) await rule.again();
  if (heard && shown) tell(`${$('name').textContent}: ${$('figures').textContent}`);
}

/** Says that the document is on its way. */
function wait() {
  source.clear();
  below.clear();
  blank(false);
  $('tools').hidden = true;
  $('name').textContent = clip(here.id || here.title || 'A pasted text', 120);
  $('figures').textContent = 'It is being cleaned …';
}

const looksLikePage = text => /^\s*(?:<!doctype html|<html[\s>]|<\?xml|<(?:head|body|article|div|p|section|main)[\s>])/i.test(text.slice(0, 2000));

function fromText(text, name = '') {
  const kind = $('kind').value || (looksLikePage(text) || /\.x?html?$/i.test(name) ? 'html' : 'text');
  const known = Object.fromEntries(['url', 'lang', 'title'].map(field => [field, $(field).value.trim()]).filter(([, value]) => value));
  return take({ [kind]: text, ...known });
}

async function fromFile(file) {
  if (file.size > Math.min(LONGEST, about.limits.bytes || LONGEST)) return warn(`${file.name} is longer than ${number(LONGEST)} bytes.`);
  return fromText(await file.text(), file.name);
}

function paste() {
  here = null;
  shown = false;
  source.clear();
  below.clear();
  blank(true);
  turnTo('document');
  remember();
  $('text').focus();
}

async function browse() {
  if (!about.inputs.length) {
    tell('There is no input to choose from: start the page as “cleaner serve INPUT”.');
    return paste();
  }
  const found = await pick({
    title: 'Open a document', hint: 'words, an id, a title',
    async load(find, after) {
      const listed = await ask(`documents?find=${encodeURIComponent(find.toWellFormed?.() ?? find)}${after ? `&after=${after}` : ''}`);
      return { items: listed.documents, next: listed.next, told: listed.troubles };
    },
    draw: each => [make('span', { class: 'title', dir: 'auto' }, clip(each.title || each.id, 110)),
      make('span', { class: 'soft' }, `${clip(each.id, 60)} · ${many(each.characters, 'character')}${each.surface === 'html' ? ' · page' : ''}`)],
  });
  return found && take({ id: found.id });
}

async function findRule() {
  const found = await pick({
    title: 'Find a rule', hint: 'an id, a class, words of its reason',
    load: async find => ({ items: (await ask(`rules?find=${encodeURIComponent(find.toWellFormed?.() ?? find)}`)).rules, next: null }),
    draw: each => [make('span', { class: 'title' }, make('span', { class: 'chip', 'data-class': each.class }, each.class), ` ${each.id}`, each.own ? make('b', {}, ' yours') : null),
      make('span', { class: 'soft' }, clip(each.why, 120))],
  });
  return found && rule.openRule(found.id);
}

// --- what the window keeps

let going = false; // on the way to what an address names: until it is there, the address and the memory stay as they are

function remember() {
  if (going) return;
  const { text, saved, opened } = rule.draft;
  memory.keep({ document: here, draft: { text, saved, opened } });
  memory.name({ document: here && !('text' in here) && !('html' in here) ? here.id : '', rule: opened?.id || '' });
}

/** Goes to a document and a rule, by their ids. */
async function goTo(wanted) {
  going = true;
  try {
    const cleaning = wanted.document && wanted.document !== here?.id ? take({ id: wanted.document }) : null;
    if (wanted.rule) await rule.openRule(wanted.rule, !wanted.document);
    await cleaning;
  } finally {
    going = false;
    remember();
  }
}

async function restore() {
  going = true;
  try {
    await recall();
  } finally {
    going = false;
    remember();
  }
}

async function recall() {
  const wanted = memory.asked();
  const kept = memory.recall();
  const draft = kept.draft?.text ? kept.draft : null;
  const unsaved = draft && draft.text !== draft.saved;
  here = wanted.document ? { id: wanted.document } : kept.document || (about.open ? { id: about.open } : null);
  const cleaning = here ? take(here, false) : null;
  if (draft && (unsaved || !wanted.rule || draft.opened?.id === wanted.rule)) await rule.open(draft.text, draft.saved, draft.opened, false);
  if (wanted.rule && wanted.rule !== rule.draft.opened?.id) await rule.openRule(wanted.rule, false);
  await cleaning;
}

// --- keys

const KEYS = {
  n: () => source.go(1), N: () => source.go(-1),
  j: () => markLine(1), k: () => markLine(-1), J: () => markLine(1, true), K: () => markLine(-1, true),
  m: selection.propose, o: browse, p: paste, r: findRule, e: () => rule.focusEditor(), d: toDocument, '?': () => $('keys-dialog').showModal(),
};

function toDocument() {
  turnTo('document');
  if (shown) source.focusSource();
  else $('text').focus();
}

function press(event) {
  const inside = event.target.closest?.('input:not([type=radio]), textarea, select, .cm-editor, dialog, [role=menu]');
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !document.querySelector('dialog[open]')) {
    if (event.key === 'Enter' && rule.draft.text) rule.test(true);
    else if (event.key.toLowerCase() === 's') save(about.save);
    else return;
    return event.preventDefault();
  }
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
    source.hideCard();
    getSelection().removeAllRanges();
    return calm();
  }
  if (inside || event.ctrlKey || event.metaKey || event.altKey) return null;
  const work = KEYS[event.key];
  if (!work || (!shown && 'nNjJkKm'.includes(event.key))) return null;
  event.preventDefault();
  return work();
}

// --- the beginning

function listen() {
  const on = (id, work, kind = 'click') => $(id).addEventListener(kind, work);
  on('open', browse);
  on('browse', browse);
  on('paste', paste);
  on('theme', () => dispatchEvent(new Event('cleaner-theme')));
  on('keys', () => $('keys-dialog').showModal());
  on('find-rule', findRule);
  on('new-rule', () => rule.begin());
  on('run', () => rule.test(true));
  on('save', () => save(about.save));
  on('choose', () => $('file').click());
  on('file', event => event.target.files[0] && fromFile(event.target.files[0]), 'change');
  on('blank', event => {
    event.preventDefault();
    if ($('text').value.trim()) fromText($('text').value);
    else $('text').focus();
  }, 'submit');
  on('text', event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $('blank').requestSubmit(); }, 'keydown');
  on('skip', event => {
    event.preventDefault();
    toDocument();
  });
  for (const button of document.querySelectorAll('.panes button')) button.addEventListener('click', () => turnTo(button.dataset.to));
  for (const view of document.querySelectorAll('[name=view]')) {
    view.addEventListener('change', () => { $('scroll').toggleAttribute('data-kept', view.value === 'kept'); });
  }
  addEventListener('keydown', press);
  addEventListener('hashchange', () => goTo(memory.asked()));
  addEventListener('beforeunload', event => {
    remember();
    if (rule.isDirty()) event.preventDefault();
  });
  addEventListener('dragover', event => event.preventDefault());
  addEventListener('drop', event => {
    event.preventDefault();
    const { files } = event.dataTransfer;
    const text = event.dataTransfer.getData('text/plain');
    if (files.length) fromFile(files[0]);
    else if (text) fromText(text);
  });
  onLost(lost => {
    if (lost) {
      warn(new Lost());
      knock();
    } else {
      calm();
      tell('The server answers again.');
    }
  });
  slide();
}

/** Asks now and then whether the server is back. */
function knock() {
  setTimeout(() => ask('start', undefined, 'knock').catch(error => { if (error instanceof Lost) knock(); }), 2000);
}

/** The bar between document and rule moves by pointer and by arrow keys. */
function slide() {
  const grip = $('grip');
  const move = share => {
    const part = Math.max(25, Math.min(75, share));
    document.body.style.setProperty('--part', `${part}%`);
    grip.setAttribute('aria-valuenow', String(Math.round(part)));
  };
  grip.addEventListener('pointerdown', event => grip.setPointerCapture(event.pointerId));
  grip.addEventListener('pointermove', event => { if (grip.hasPointerCapture(event.pointerId)) move(event.clientX / innerWidth * 100); });
  grip.addEventListener('keydown', event => {
    const step = { ArrowLeft: -3, ArrowRight: 3 }[event.key];
    if (step) move(Number(grip.getAttribute('aria-valuenow')) + step);
  });
}

/** Takes what the server says of itself; the sample is read beside all else, and may not be ready yet. */
async function greet() {
  about = await ask('start');
  source.colour(about.classes);
  $('browse').hidden = !about.inputs.length;
  sayAbout();
  $('save').title = about.save.folder ? 'Save (Ctrl+S)' : about.save.why_not;
  if (about.trouble) warn(about.trouble);
  rule.head();
}

function sayAbout() {
  $('about').textContent = `cleaner ${about.version} · ${many(about.rules, 'rule')} · ${about.save.folder ? `saves in ${about.save.folder}` : 'saving is off'}`;
}

/** Forgets what was drawn by the rules as they were, and counts them again. */
async function recount() {
  drawn = '';
  try {
    about.rules = (await ask('start', undefined, 'recount')).rules;
    sayAbout();
  } catch {} // the count is of yesterday, and nothing else is
}

async function begin() {
  panels.start({ line: rule.goToLine, again: rule.again, place: start => (turnTo('document'), source.goTo(start)) });
  source.onRule(id => rule.openRule(id));
  source.start();
  selection.start(() => ({ document: here, draft: rule.sent() }), ({ text }) => rule.begin(text));
  rule.start({
    changed: remember,
    opened: remember,
    tried: clean,
    saved: recount,
    save: () => save(about.save),
    leave: toDocument,
    canSave: () => Boolean(about.save.folder),
    hasSample: () => about.inputs.length > 0,
  });
  listen();
  try {
    await greet();
  } catch (error) {
    warn(error);
  }
  await restore();
  setTimeout(rule.prepare, 200);
}

begin();
