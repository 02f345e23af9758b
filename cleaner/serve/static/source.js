// The source with its cuts in place: one stop of the Tab key, arrows between cuts, one card that says what a cut is.

import { $, make, many } from './page.js';

const EDGE = 8;
let result = null;
let current = null;
let openRule = () => {};
let filters = new Set();
let pinned = false;

/** Calls back with the id of a rule that is asked for. */
export const onRule = listener => { openRule = listener; };

const home = () => $('source');
const cuts = () => [...home().querySelectorAll(chosen())];
const chosen = () => (filters.size ? [...filters].map(name => `.cut[data-class="${CSS.escape(name)}"]`).join(', ') : '.cut');

/** Gives each class its hue, once. */
export function colour(classes) {
  const sheet = new CSSStyleSheet();
  for (const { name, hue } of classes) sheet.insertRule(`[data-class="${CSS.escape(name)}"] { --hue: ${Number(hue)} }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Draws a result. The fragment is the server's, every text in it escaped; it stands in one piece, laid out where it is seen. */
export function show(found, same) {
  const at = same && current ? Number(current.dataset.at) : null;
  const held = home().contains(document.activeElement);
  const top = $('scroll').scrollTop;
  result = found;
  current = null;
  hideCard();
  home().innerHTML = found.drawing;
  home().setAttribute('aria-label', `Source, ${many(found.cuts.length, 'cut')}`);
  drawLegend(found.legend);
  const first = at === null ? home().querySelector('.cut') : home().querySelector(`.cut[data-at="${at}"]`) || home().querySelector('.cut');
  if (first) stop(first);
  $('scroll').scrollTop = same ? top : 0;
  if (held && first) first.focus({ preventScroll: true });
}

export function clear() {
  result = null;
  current = null;
  hideCard();
  home().replaceChildren();
}

function drawLegend(legend) {
  filters = new Set([...filters].filter(name => legend.some(each => each.class === name)));
  $('legend').replaceChildren(...legend.map(each => make('li', {}, make('button', {
    type: 'button', class: 'chip', 'data-class': each.class, 'aria-pressed': String(filters.has(each.class)),
    click: event => toggle(each.class, event.currentTarget),
  }, each.class, make('span', { class: 'n' }, ` ${each.cuts}`)))));
  filter();
}

function toggle(name, button) {
  if (!filters.delete(name)) filters.add(name);
  button.setAttribute('aria-pressed', String(filters.has(name)));
  filter();
  const first = home().querySelector(chosen());
  if (first) stop(first);
}

/** Dims what the legend does not ask for: by one rule of style, not by touching thousands of elements. */
function filter() {
  home().toggleAttribute('data-filtered', filters.size > 0);
  const dim = filters.size ? `#source .cut:not(${[...filters].map(name => `[data-class="${CSS.escape(name)}"]`).join(', ')})` : '';
  sieve.replaceSync(dim ? `${dim} { background: none; color: var(--soft); }` : '');
}
const sieve = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sieve];

/** Makes a cut the stop of the Tab key. */
function stop(cut) {
  if (current) {
    current.removeAttribute('tabindex');
    current.removeAttribute('role');
  }
  current = cut;
  cut.tabIndex = 0;
  cut.setAttribute('role', 'button');
}

/** Goes to a cut, or so many cuts further. */
export function go(to) {
  const all = cuts();
  if (!all.length) return;
  let at = typeof to === 'number' ? all.indexOf(current) + to : all.indexOf(to);
  if (typeof to === 'number' && !all.includes(current)) at = nearest(all, to);
  focus(all[(at + all.length) % all.length]);
}

function nearest(all, step) {
  if (!current?.isConnected) return step > 0 ? 0 : -1;
  const behind = all.findIndex(each => current.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
  return step > 0 ? Math.max(0, behind) : (behind < 0 ? all.length : behind) - 1;
}

function focus(cut) {
  stop(cut);
  cut.focus({ preventScroll: true });
  cut.scrollIntoView({ block: 'center' });
  showCard(cut);
}

/** Goes to what stands at a place of the source. */
export function goTo(start) {
  const found = [...home().querySelectorAll('[data-at]')].findLast(each => Number(each.dataset.at) <= start);
  if (!found) return;
  if (found.matches('.cut')) return focus(found);
  found.scrollIntoView({ block: 'center' });
  found.animate?.([{ background: 'var(--wash)' }, { background: 'transparent' }], 1600);
}

export const focusSource = () => (current ? focus(current) : home().focus());

/** Finds what the server told of the cut that a piece belongs to. */
function cutOf(piece) {
  const at = Number(piece.dataset.at);
  const inside = piece.closest('.related');
  if (inside || !result) return null;
  let [low, high] = [0, result.cuts.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const cut = result.cuts[middle];
    if (at < cut.start) high = middle - 1;
    else if (at >= cut.end) low = middle + 1;
    else return cut;
  }
  return null;
}

const rulesOf = piece => (piece.dataset.rules || '').split(' ').filter(Boolean);
const canOpen = rule => Boolean(result?.rules[rule]?.kind) && result.rules[rule].kind !== 'title';

/** Says what a cut is; with `menu` there are buttons for its rules, and the card stays. */
export function showCard(piece, menu = false) {
  const card = $('card');
  const cut = cutOf(piece);
  const rules = rulesOf(piece);
  const change = { cut: 'Newly cut by your draft. ', kept: 'Kept by your draft, cut without it. ' }[piece.dataset.change];
  const parts = rules.map(id => {
    const rule = result?.rules[id];
    const name = menu && canOpen(id)
      ? make('button', { type: 'button', role: 'menuitem', 'data-rule': id }, id) : make('code', {}, id);
    return make('div', { class: 'of' }, name, rule?.why ? make('span', {}, rule.why) : null);
  });
  const size = cut ? many(cut.characters, 'character') : '';
  const because = cut?.because.length ? `, because of ${cut.because.join(', ')}` : '';
  card.replaceChildren(
    make('div', { class: 'top' }, piece.dataset.class ? make('span', { class: 'chip', 'data-class': piece.dataset.class }, piece.dataset.class) : null,
      make('span', { class: 'soft' }, `${size}${because}`)),
    change ? make('div', { class: 'change' }, change) : '', ...parts,
    menu ? '' : make('div', { class: 'soft foot' }, rules.some(canOpen) ? 'Enter or click opens the rule' : ''));
  card.setAttribute('role', menu ? 'menu' : 'tooltip');
  if (menu) card.setAttribute('aria-label', 'Rules of this cut'); else card.removeAttribute('aria-label');
  card.hidden = false;
  pinned = menu;
  piece.setAttribute('aria-describedby', 'card');
  place(card, piece);
  if (menu) card.querySelector('button')?.focus();
}

function place(card, piece) {
  const boxes = piece.getClientRects();
  const pane = $('scroll').getBoundingClientRect();
  const box = [...boxes].find(each => each.bottom > pane.top && each.top < pane.bottom) || boxes[0] || pane;
  const { width, height } = card.getBoundingClientRect();
  const below = [...boxes].at(-1)?.bottom ?? box.bottom;
  const top = below + EDGE + height < innerHeight ? below + EDGE : Math.max(EDGE, box.top - height - EDGE);
  card.style.left = `${Math.max(EDGE, Math.min(box.left, innerWidth - width - EDGE))}px`;
  card.style.top = `${top}px`;
}

export function hideCard() {
  $('card').hidden = true;
  pinned = false;
  document.querySelectorAll('[aria-describedby="card"]').forEach(each => each.removeAttribute('aria-describedby'));
}

/** Opens the rule of a cut; of several, or under a finger, it is asked which. */
function open(piece, byTouch = false) {
  const rules = rulesOf(piece).filter(canOpen);
  if (rules.length === 1 && !byTouch) {
    hideCard();
    openRule(rules[0]);
  } else if (rules.length || byTouch) {
    showCard(piece, rules.length > 0);
  }
}

export function start() {
  const pointed = event => event.target.closest?.('.cut, [data-change]');
  const area = $('scroll');
  area.addEventListener('pointerover', event => {
    const piece = pointed(event);
    if (piece && event.pointerType !== 'touch' && !pinned) showCard(piece);
  });
  area.addEventListener('pointerout', event => {
    if (pointed(event) && !pinned && event.relatedTarget !== current) hideCard();
  });
  area.addEventListener('scroll', hideCard, { passive: true });
  area.addEventListener('click', event => {
    const piece = event.target.closest('.cut');
    if (!piece || !getSelection().isCollapsed) return;
    if (home().contains(piece)) stop(piece);
    open(piece, event.pointerType === 'touch');
  });
  home().addEventListener('focusin', event => {
    if (event.target.matches('.cut') && event.target.matches(':focus-visible')) showCard(event.target);
  });
  home().addEventListener('focusout', () => { if (!pinned) hideCard(); });
  home().addEventListener('keydown', steer);
  $('card').addEventListener('click', event => {
    const rule = event.target.closest('[data-rule]')?.dataset.rule;
    if (rule) {
      hideCard();
      openRule(rule);
    }
  });
  $('card').addEventListener('keydown', event => {
    const all = [...$('card').querySelectorAll('button')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    else if (event.key === 'Escape' || event.key === 'Tab') {
      hideCard();
      current?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener('pointerdown', event => {
    if (pinned && !$('card').contains(event.target)) hideCard();
  });
  $('previous').addEventListener('click', () => go(-1));
  $('next').addEventListener('click', () => go(1));
}

function steer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (event.key in steps) go(steps[event.key]);
  else if (event.key === 'Home') go(cuts()[0]);
  else if (event.key === 'End') go(cuts().at(-1));
  else if ((event.key === 'Enter' || event.key === ' ') && event.target.matches('.cut')) open(event.target);
  else return;
  event.preventDefault();
}
