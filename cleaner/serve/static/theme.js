// Light or dark, as chosen here, else as the system prefers. It runs before anything is painted, so that nothing flashes.
(() => {
  const KEY = 'cleaner-theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule instanceof CSSMediaRule && rule.media.mediaText.includes('prefers-color-scheme'));

  function chosen() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }

  /** Has the rules that are meant for a dark system hold, or not, whatever the system says. */
  function apply() {
    const dark = chosen() ? chosen() === 'dark' : system.matches;
    for (const rule of rules) rule.media.mediaText = dark ? 'screen' : 'not all';
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }

  apply();
  system.addEventListener('change', apply);
  addEventListener('cleaner-theme', () => {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem(KEY, next); } catch { /* it holds for this page alone then */ }
    document.documentElement.dataset.theme = next;
    apply();
  });
})();
