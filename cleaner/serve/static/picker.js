// A list to choose from, searched as one types: arrows go through it, Enter takes.

import { isVoid } from './api.js';
import { later, make } from './page.js';

let serial = 0;

/**
 * Puts a list to choice. `load(find, after)` resolves to `{ items, next, told }`; `draw(item)` gives what an option holds.
 * Resolves to the item, or null.
 */
export function pick({ title, hint, load, draw, wait = 150 }) {
  const id = `picker-${serial += 1}`;
  const input = make('input', {
    type: 'search', id: `${id}-input`, role: 'combobox', 'aria-expanded': 'true', 'aria-controls': `${id}-list`, 'aria-autocomplete': 'list',
    'aria-label': title, autocomplete: 'off', spellcheck: 'false', placeholder: hint,
  });
  const list = make('ul', { role: 'listbox', id: `${id}-list`, 'aria-label': title });
  const told = make('p', { class: 'soft', role: 'status' });
  const close = make('button', { type: 'button', class: 'icon', 'aria-label': 'Close', click: () => dialog.close() }, '×');
  const dialog = make('dialog', { class: 'picker', 'aria-label': title }, make('div', { class: 'row' }, input, close), list, told);
  document.body.append(dialog);

  let items = [];
  let at = 0;
  let next = null;
  let taken = null;
  let turn = 0;

  function point(to) {
    const options = list.querySelectorAll('[role=option]');
    if (!options.length) return input.removeAttribute('aria-activedescendant');
    options[at]?.setAttribute('aria-selected', 'false');
    at = Math.max(0, Math.min(options.length - 1, to));
    options[at].setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', options[at].id);
    options[at].scrollIntoView({ block: 'nearest' });
    if (at > options.length - 5 && next !== null) fill(next);
  }

  async function fill(after) {
    const mine = turn += 1;
    next = null;
    told.textContent = 'Looking …';
    try {
      const found = await load(input.value, after);
      if (mine !== turn) return;
      if (after === null) {
        items = [];
        list.replaceChildren();
        at = 0;
      }
      for (const item of found.items) {
        list.append(make('li', { role: 'option', id: `${id}-${items.length}`, 'aria-selected': 'false' }, draw(item)));
        items.push(item);
      }
      next = found.next;
      told.textContent = [items.length ? '' : next === null ? 'Nothing was found.' : 'Still looking …', ...(found.told || [])].filter(Boolean).join(' ');
      point(at);
      if (next !== null && (found.items.length === 0 || list.scrollHeight <= list.clientHeight)) fill(next);
    } catch (error) {
      if (!isVoid(error) && mine === turn) told.textContent = `${error.message} ${error.hint || ''}`;
    }
  }

  function take(number) {
    taken = items[number] ?? null;
    if (taken) dialog.close();
  }

  const seek = later(() => fill(null), wait);
  input.addEventListener('input', seek);
  input.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) point(at + step);
    else if (event.key === 'Enter') take(at);
    else return;
    event.preventDefault();
  });
  list.addEventListener('click', event => {
    const option = event.target.closest('[role=option]');
    if (option) take([...list.children].indexOf(option));
  });
  list.addEventListener('scroll', () => {
    if (next !== null && list.scrollTop + list.clientHeight > list.scrollHeight - 200) fill(next);
  }, { passive: true });
  dialog.showModal();
  input.focus();
  fill(null);
  return new Promise(resolve => dialog.addEventListener('close', () => {
    turn = -1;
    dialog.remove();
    resolve(taken);
  }));
}
