// The editor of rules: CodeMirror, dressed in the colours of the page. Loaded after the first paint.

import {
  EditorState, EditorView, HighlightStyle, autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, completionKeymap,
  defaultKeymap, drawSelection, foldGutter, foldKeymap, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches,
  highlightSpecialChars, history, historyKeymap, indentOnInput, indentUnit, keymap, lineNumbers, lintGutter, lintKeymap, search,
  searchKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from './codemirror.js';
import { suggest } from './completion.js';

const LOOKS = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', fontSize: '.86rem', height: '100%' },
  '.cm-content': { caretColor: 'var(--ink)', fontFamily: 'var(--mono)', padding: '.6rem 0' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'var(--card)', border: '0', color: 'var(--soft)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--active)' },
  '.cm-activeLineGutter': { color: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--chosen)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--wash)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--chosen)', color: 'var(--ink)' },
  '.cm-tooltip': { backgroundColor: 'var(--card)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: 'var(--lift)', color: 'var(--ink)', fontFamily: 'var(--sans)', maxWidth: 'min(28rem, 90vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '.82rem', maxHeight: '16rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--paper)' },
  '.cm-completionInfo': { color: 'var(--ink)', fontSize: '.82rem', padding: '.4rem .6rem' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-diagnostic': { borderLeftWidth: '3px', fontSize: '.84rem', padding: '.4rem .7rem' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--soft)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textDecorationSkipInk: 'none' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)', textDecorationSkipInk: 'none' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecoration: 'underline dotted var(--soft)' },
  '.cm-lint-marker': { height: '.9em', width: '.9em' },
  '.cm-panels': { backgroundColor: 'var(--paper)', borderColor: 'var(--line)', color: 'var(--ink)' },
  '.cm-panels input, .cm-panels button': { backgroundImage: 'none', background: 'var(--card)', border: '1px solid var(--line)', borderRadius: '4px', color: 'var(--ink)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--wash)', border: '0', color: 'var(--ink)' },
  '.cm-specialChar': { color: 'var(--bad)' },
});

const TONES = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--text-tone)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.atom, tags.bool, tags.number, tags.meta, tags.labelName, tags.typeName], color: 'var(--value-tone)' },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: 'var(--soft)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const WORDS = {
  'Control character': 'Control character', 'Go to line': 'Go to line', Find: 'Find', Replace: 'Replace',
};

/** Builds the editor in an element; `calls` are what it calls: changed, run, save, leave, and `schema` that resolves to one. */
export function build(parent, text, calls) {
  const own = keymap.of([
    { key: 'Mod-Enter', preventDefault: true, run: () => (calls.run(), true) },
    { key: 'Mod-s', preventDefault: true, run: () => (calls.save(), true) },
  ]);
  const last = keymap.of([{ key: 'Escape', run: () => (calls.leave(), true) }]);
  const complete = async context => {
    const word = context.matchBefore(/[\w.$-]*/);
    if (!context.explicit && word.from === word.to) return null;
    const options = suggest(await calls.schema(), context.state.sliceDoc(0, word.from));
    return options.length ? { from: word.from, options, validFor: /^[\w.$-]*$/ } : null;
  };
  const setup = [
    own, lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(), drawSelection(), indentOnInput(),
    syntaxHighlighting(TONES), bracketMatching(), closeBrackets(), autocompletion({ override: [complete], icons: false }),
    highlightActiveLine(), highlightSelectionMatches(), search({ top: true }), lintGutter(), yaml(), indentUnit.of('  '),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
    last, LOOKS, EditorView.lineWrapping, EditorState.phrases.of(WORDS),
    EditorView.contentAttributes.of({ 'aria-label': 'Rule, in YAML', 'aria-describedby': 'rule-about', autocapitalize: 'off' }),
    EditorView.updateListener.of(update => { if (update.docChanged) calls.changed(update.state.doc.toString()); }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions: setup }) });

  return {
    focus: () => view.focus(),
    /** Puts another text in, with a history of its own. */
    open(next) {
      view.setState(EditorState.create({ doc: next, extensions: setup }));
      calls.changed(next);
    },
    /** Marks problems: lines from 1, severities error, warning and note. */
    mark(problems) {
      const found = problems.map(({ line, field, severity, message, hint }) => {
        const at = view.state.doc.line(Math.max(1, Math.min(line || 1, view.state.doc.lines)));
        const from = at.from + at.text.match(/^\s*/)[0].length;
        return { from, to: Math.max(from, at.to), severity: severity === 'note' ? 'info' : severity, message: `${field ? `${field}: ` : ''}${message}${hint ? `\n${hint}` : ''}` };
      });
      found.sort((one, other) => one.from - other.from);
      view.dispatch(setDiagnostics(view.state, found));
    },
    goTo(line) {
      const at = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)));
      view.dispatch({ selection: { anchor: at.from + at.text.match(/^\s*/)[0].length }, effects: EditorView.scrollIntoView(at.from, { y: 'center' }) });
      view.focus();
    },
  };
}
