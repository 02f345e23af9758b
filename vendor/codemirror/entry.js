// What the playground's editor is made of. Built into one module by `npm run build`; see README.md.
export { Compartment, EditorState, StateEffect } from '@codemirror/state';
export {
  Decoration, EditorView, crosshairCursor, drawSelection, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, hoverTooltip, keymap, lineNumbers, placeholder, rectangularSelection, showTooltip, tooltips,
} from '@codemirror/view';
export { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
export {
  HighlightStyle, bracketMatching, codeFolding, ensureSyntaxTree, foldGutter, foldKeymap, indentOnInput, indentUnit,
  syntaxHighlighting, syntaxTree,
} from '@codemirror/language';
export { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from '@codemirror/autocomplete';
export { forceLinting, lintGutter, lintKeymap, linter, nextDiagnostic, openLintPanel, setDiagnostics } from '@codemirror/lint';
export { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
export { yaml } from '@codemirror/lang-yaml';
export { tags } from '@lezer/highlight';
