// What stands below the source: fields, appended articles each with its own cuts, headlines, elements dropped, flags.

import { $, make, many } from './page.js';

/** Draws the sections of a result; `openRule` gets the id of a rule that is pressed. */
export function show(found, openRule) {
  const canOpen = rule => Boolean(found.rules[rule]?.kind) && found.rules[rule].kind !== 'title';
  const sections = found.sections.filter(section => !(section.name === 'Related' && found.related.length)).map(({ name, lines }) => make('section', {},
    make('h3', {}, name, lines.length > 1 ? make('span', { class: 'count' }, ` ${lines.length}`) : null),
    make('ul', {}, lines.slice(0, 200).map(line => make('li', { dir: 'auto' }, line.label
      ? make('span', { class: 'cut', 'data-class': line.class, 'data-rules': line.rules.join(' ') }, line.text) : line.text,
    line.note ? make('span', { class: 'soft', dir: 'ltr' }, ` ${line.note}`) : null,
    line.rules.filter(canOpen).map(rule => make('button', { type: 'button', class: 'rule', click: () => openRule(rule) }, rule)))),
    lines.length > 200 ? make('li', { class: 'soft' }, `and ${lines.length - 200} more`) : null)));
  const related = found.related.length ? [make('section', {}, make('h3', {}, 'Related articles', make('span', { class: 'count' }, ` ${found.related.length}`)),
    ...found.related.map(article))] : [];
  $('below').replaceChildren(...related, ...sections);
}

function article(each) {
  const about = [each.source, each.age, many([...each.text].length, 'character')].filter(Boolean).join(' · ');
  const details = make('details', { class: 'related' }, make('summary', {}, make('span', { dir: 'auto' }, each.title || '(no title)'), make('span', { class: 'soft' }, ` ${about}`)));
  details.addEventListener('toggle', () => {
    if (details.childElementCount > 1) return;
    const inside = make('div');
    inside.innerHTML = each.drawing; // the server's fragment, every text in it escaped
    if (each.url) details.append(make('p', { class: 'soft' }, each.url));
    details.append(inside);
  });
  return details;
}

export const clear = () => $('below').replaceChildren();
