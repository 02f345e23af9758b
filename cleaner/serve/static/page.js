// The elements of the page: found, made and spoken through. Texts go in as text; nothing here writes HTML.

export const $ = id => document.getElementById(id);

/** Makes an element. `about` holds properties, `data-`, `aria-` and other attributes, and listeners as functions. */
export function make(tag, about = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (name === 'hue') element.style.setProperty('--hue', value);
    else if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Says something to those who look and to those who listen. */
export function tell(text) {
  const told = $('told');
  told.textContent = '';
  requestAnimationFrame(() => { told.textContent = text; });
}

/** Draws what is wrong: the key it is about, the fault, and what to write instead. */
export const fault = error => [error.field ? make('code', {}, error.field) : '', error.field ? ': ' : '', `${error.message || error}`,
  error.hint ? make('span', { class: 'soft' }, `. ${error.hint}`) : ''];

/** Shows what went wrong until it is put away, or said to be over. */
export function warn(error, more = []) {
  const where = error.line ? `Line ${error.line}: ` : '';
  $('trouble').replaceChildren(make('p', {}, where, ...fault(error)), ...more,
    make('button', { type: 'button', class: 'icon', 'aria-label': 'Put away', click: calm }, '×'));
  $('trouble').hidden = false;
}

export function calm() {
  $('trouble').hidden = true;
  $('trouble').replaceChildren();
}

/** Asks a question in a dialog; resolves to the value of the button pressed, or '' for Escape. */
export function put(question, answers) {
  const dialog = make('dialog', { 'aria-label': question, class: 'question' },
    make('form', { method: 'dialog' }, make('p', {}, question),
      make('p', { class: 'row' }, answers.map(([value, text], at) => make('button', { value, class: at ? '' : 'main' }, text)))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue);
  }));
}

/** On a phone one part of the page is seen at a time. */
export function turnTo(pane) {
  document.body.dataset.pane = pane;
  for (const button of document.querySelectorAll('.panes button')) {
    if (button.dataset.to === pane) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

export const number = value => Number(value).toLocaleString('en');
export const many = (count, what) => `${number(count)} ${what}${count === 1 ? '' : 's'}`;
export const clip = (text, most = 160) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

/** Waits until nothing was asked for so many milliseconds. */
export function later(work, wait) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), wait);
  };
}
