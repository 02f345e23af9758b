// What is marked in the source, and rules made of it.

import { ask, isVoid } from './api.js';
import { $, make, tell, warn } from './page.js';

let asked = () => null;
let take = () => {};

/** Returns where in the source a point of the document is: the piece's place and the code points shown before it. */
function placeOf(node, offset) {
  if (node.nodeType === Node.TEXT_NODE) {
    const piece = node.parentElement.closest('[data-at]');
    return piece && { at: Number(piece.dataset.at), shown: [...node.data.slice(0, offset)].length };
  }
  const before = node.childNodes[offset - 1];
  const after = node.childNodes[offset];
  const next = after && (after.matches?.('[data-at]') ? after : after.querySelector?.('[data-at]'));
  if (next) return { at: Number(next.dataset.at), shown: 0 };
  const all = before?.nodeType === Node.ELEMENT_NODE ? [before, ...before.querySelectorAll('[data-at]')].filter(each => each.matches('[data-at]')) : [];
  const piece = all.at(-1) || node.closest?.('[data-at]');
  return piece ? { at: Number(piece.dataset.at), shown: [...piece.textContent].length } : null;
}

/** Returns the range that is marked, as far as it lies in the source; null where nothing is. */
function marked() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0).cloneRange();
  if (!range.intersectsNode($('source'))) return null;
  if (!$('source').contains(range.startContainer)) range.setStart($('source'), 0);
  if (!$('source').contains(range.endContainer)) range.setEnd($('source'), $('source').childNodes.length);
  return range.toString().trim() ? range : null;
}

/** Asks the server for rules that cut what is marked, and puts them to choice. */
export async function propose() {
  const range = marked();
  if (!range) return tell('Mark some text of the document first, with the pointer or with j.');
  const [from, to] = [placeOf(range.startContainer, range.startOffset), placeOf(range.endContainer, range.endOffset)];
  const { document: about, draft } = asked();
  if (!about || !from || !to) return null;
  $('make').disabled = true;
  tell('Looking for rules that cut this and nothing else …');
  try {
    const found = await ask('propose', { document: about, from, to, ...(draft && { draft }) });
    tell('');
    return await choose(found, range.toString());
  } catch (error) {
    return isVoid(error) ? null : warn(error);
  } finally {
    $('make').disabled = false;
  }
}

/** Puts proposals to choice: radio buttons, so that arrows go from one to the next, and Enter takes it. */
async function choose({ proposals, why_not: whyNot }, text) {
  const cards = proposals.map((each, at) => make('label', { class: 'proposal' },
    make('input', { type: 'radio', name: 'proposal', value: at, checked: !at }),
    make('span', { class: 'what' }, make('b', {}, each.kind), make('span', { class: each.exact ? 'exact' : 'soft' },
      each.exact ? 'cuts exactly this' : 'cuts more or less than this')),
    make('span', {}, each.reason), make('pre', {}, make('code', {}, each.text.replace(/^# yaml-language-server:.*\n/, '')))));
  const dialog = make('dialog', { 'aria-labelledby': 'proposals-title', class: 'proposals' },
    make('form', { method: 'dialog' }, make('h2', { id: 'proposals-title' }, proposals.length ? 'Make a rule of this' : 'No rule was found'),
      make('blockquote', { dir: 'auto' }, text.length > 300 ? `${text.slice(0, 300)} …` : text),
      proposals.length ? make('fieldset', {}, make('legend', { class: 'unseen' }, 'Proposals'), cards) : make('p', {}, whyNot || ''),
      make('p', { class: 'row foot' },
        proposals.length ? make('button', { class: 'main', value: 'take' }, 'Use this rule') : null,
        make('button', { value: '' }, proposals.length ? 'Cancel' : 'Close'))));
  document.body.append(dialog);
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  const chosen = dialog.returnValue === 'take' && dialog.querySelector('input:checked');
  dialog.remove();
  if (chosen) take(proposals[chosen.value]);
  return null;
}

/** `about` gives the document and the draft; `taken` gets the proposal that is chosen. */
export function start(about, taken) {
  asked = about;
  take = taken;
  const button = $('make');
  document.addEventListener('selectionchange', () => { button.hidden = !marked(); });
  button.addEventListener('pointerdown', event => event.preventDefault());
  button.addEventListener('click', propose);
}
