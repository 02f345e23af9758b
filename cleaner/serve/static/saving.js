// Saving a rule into the folder that was chosen for it.

import { ask, isVoid } from './api.js';
import { draft, sent, settle } from './draft.js';
import { make, tell, warn } from './page.js';

/** Proposes a file: the rule's own, else one called like the first part of its id. */
function propose() {
  const { opened, text } = draft;
  if (opened?.own) return opened.file.split('/').at(-1);
  const id = text.match(/\bid:\s*["']?([a-z0-9.-]+)/)?.[1] || 'rules';
  return `${id.split('.')[0]}.yaml`;
}

function askFile({ folder, files }) {
  const input = make('input', {
    id: 'file-name', list: 'file-names', required: true, pattern: '[a-z0-9][a-z0-9.\\-]{0,79}\\.yaml', value: propose(),
    autocomplete: 'off', spellcheck: 'false', title: 'small letters, digits, hyphens and dots, and .yaml at the end',
  });
  const dialog = make('dialog', { 'aria-labelledby': 'save-title' }, make('form', { method: 'dialog' },
    make('h2', { id: 'save-title' }, 'Save the rule'),
    make('p', {}, make('label', { for: 'file-name' }, 'File in '), make('code', {}, folder)), input,
    make('datalist', { id: 'file-names' }, files.map(name => make('option', { value: name }))),
    make('p', { class: 'soft' }, draft.opened && !draft.opened.own
      ? 'The rule you opened is not yours: it stays as it is. Yours gets an id of its own, and an exception switches the other one off.'
      : 'Other rules in that file, and its comments, stay as they are.'),
    make('p', { class: 'row' }, make('button', { class: 'main', value: 'save' }, 'Save'),
      make('button', { value: '', formnovalidate: true }, 'Cancel'))));
  document.body.append(dialog);
  dialog.showModal();
  input.select();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue === 'save' ? input.value : '');
  }));
}

/** Saves the draft: at once where it has a file, else where its author says. `place` is the server's `save`. */
export async function save(place) {
  const body = sent(true);
  if (!body) return;
  if (!place.folder) return warn(place.why_not || 'Nothing can be saved: start the page with --save FOLDER.');
  const { opened } = draft;
  const file = opened?.own ? opened.file.split('/').at(-1) : await askFile(place);
  if (!file) return;
  try {
    const saved = await ask('save', { draft: body, file, digest: opened?.own ? opened.digest : null });
    if (!place.files.includes(file)) place.files.push(file);
    await settle(saved);
    tell(saved.told.join(' '));
  } catch (error) {
    if (!isVoid(error)) warn(error);
  }
}
