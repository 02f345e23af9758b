// Marking text from the keyboard: line after line, as a selection of the browser's own.

import { $ } from './page.js';

let first = -1;
let last = -1;

/** Returns the texts of the source in order, each with its place in the whole. */
function texts() {
  const walker = document.createTreeWalker($('source'), NodeFilter.SHOW_TEXT);
  const found = [];
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    found.push([at, node]);
    at += node.length;
  }
  return found;
}

/** Returns where lines that are not blank begin and end. */
function linesOf(nodes) {
  const whole = nodes.map(([, node]) => node.data).join('');
  return [...whole.matchAll(/[^\n]*\S[^\n]*/g)].map(found => [found.index, found.index + found[0].length]);
}

function pointAt(nodes, place, isEnd) {
  const found = nodes.findLast(([at]) => (isEnd ? at < place : at <= place)) || nodes[0];
  return [found[1], place - found[0]];
}

/** Marks the line so many further on; with `more` what was marked stays marked. */
export function markLine(step, more) {
  const nodes = texts();
  const lines = linesOf(nodes);
  if (!lines.length) return;
  if (getSelection().isCollapsed) {
    const here = nodes.find(([, node]) => document.activeElement?.contains(node) && document.activeElement !== $('source') && document.activeElement !== document.body);
    const at = here ? here[0] : 0;
    const line = lines.findIndex(([, end]) => end > at);
    [first, last] = here ? [line, line] : step > 0 ? [0, 0] : [lines.length - 1, lines.length - 1];
  } else if (more) {
    last = Math.max(0, Math.min(lines.length - 1, last + step));
  } else {
    first = last = Math.max(0, Math.min(lines.length - 1, last + step));
  }
  const [from, to] = [Math.min(first, last), Math.max(first, last)];
  const [startNode, startAt] = pointAt(nodes, lines[from][0], false);
  const [endNode, endAt] = pointAt(nodes, lines[to][1], true);
  getSelection().setBaseAndExtent(startNode, startAt, endNode, endAt);
  (step > 0 ? endNode : startNode).parentElement.scrollIntoView({ block: 'nearest' });
}
