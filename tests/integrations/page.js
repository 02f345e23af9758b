// What the tests ask of an open page. Runs before the page's own scripts; a page is free to have none.
window.asked = (() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colours = new Map();

  /** Turns any CSS colour into red, green, blue (0 to 255) and alpha (0 to 1). */
  function colour(text) {
    if (!colours.has(text)) {
      canvas.canvas.width = canvas.canvas.height = 1;
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      colours.set(text, [r, g, b, a / 255]);
    }
    return colours.get(text);
  }

  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];

  function luminance(rgb) {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  const grounds = new WeakMap();

  /** Returns the colour behind the text of an element: its own background and those of what holds it, laid over the canvas. */
  function ground(element) {
    if (!element) return colour(canvasColour());
    if (!grounds.has(element)) {
      const style = getComputedStyle(element);
      grounds.set(element, over(faded(colour(style.backgroundColor), style), ground(element.parentElement)));
    }
    return grounds.get(element);
  }

  const faded = ([r, g, b, a], style) => [r, g, b, a * Number(style.opacity)];

  function canvasColour() {
    const probe = document.createElement('div');
    probe.style.backgroundColor = 'Canvas';
    document.documentElement.append(probe);
    const found = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return found;
  }

  /** Returns the colour behind text in a drawing: the last filled shape drawn before it that holds its middle. */
  function painted(element) {
    const drawing = element.ownerSVGElement;
    const box = element.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    let found = ground(drawing);
    for (const shape of drawing.querySelectorAll('rect, circle, ellipse, path, polygon')) {
      if (!(shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      const style = getComputedStyle(shape);
      const at = shape.getBoundingClientRect();
      const holds = at.left <= x && x <= at.right && at.top <= y && y <= at.bottom;
      if (!holds || style.fill === 'none' || style.fill.startsWith('url') || shape.closest('defs, clipPath, marker')) continue;
      const [r, g, b, a] = colour(style.fill);
      found = over([r, g, b, a * Number(style.fillOpacity) * Number(style.opacity)], found);
    }
    return found;
  }

  function opacity(element) {
    let all = 1;
    for (let at = element; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
    return all;
  }

  function name(element) {
    const id = element.id ? `#${element.id}` : '';
    const classes = [...element.classList].map(each => `.${each}`).join('');
    const words = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `${element.localName}${id}${classes} "${words}"`;
  }

  const isVisible = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const clips = element => ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX);

  function overflow(width) {
    if (document.scrollingElement.scrollWidth <= width) return [];
    const found = [...document.body.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > width + 0.5);
    const loose = found.filter(each => {
      for (let at = each.parentElement; at && at !== document.body; at = at.parentElement) if (clips(at)) return false;
      return isVisible(each);
    });
    return [`page ${document.scrollingElement.scrollWidth} of ${width}`, ...loose.slice(0, 20).map(name)];
  }

  function faint(least) {
    const found = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement;
      if (!text.data.trim() || element.closest('script, style, title, desc, noscript, template') || !isVisible(element)) continue;
      const style = getComputedStyle(element);
      const drawn = Boolean(element.ownerSVGElement);
      const behind = drawn ? painted(element) : ground(element);
      const [r, g, b, a] = colour(drawn ? style.fill : style.color);
      const ink = over([r, g, b, a * opacity(element) * (drawn ? Number(style.fillOpacity) : 1)], behind);
      const had = contrast(ink, behind);
      if (had < least) found.set(`${had.toFixed(2)} ${name(element)} ${ink.slice(0, 3).map(Math.round)} on ${behind.slice(0, 3).map(Math.round)}`, 1);
    }
    return [...found.keys()];
  }

  function repeatedIds() {
    const counts = new Map();
    document.querySelectorAll('[id]').forEach(each => counts.set(each.id, (counts.get(each.id) || 0) + 1));
    return [...counts].filter(([, count]) => count > 1).map(([id]) => id);
  }

  const PRESSED = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"]), [onclick], [role=button], [role=tab]';

  const isInert = element => element.disabled || element.tabIndex < 0 || element.closest('[inert]');

  function interactive() {
    return [...document.querySelectorAll(PRESSED)].filter(each => isVisible(each) && !each.disabled);
  }

  function nameless() {
    const unnamed = interactive().filter(each => {
      const label = each.labels && [...each.labels].map(one => one.textContent).join('');
      const other = each.getAttribute('aria-labelledby') && document.getElementById(each.getAttribute('aria-labelledby'));
      return ![each.textContent, each.getAttribute('aria-label'), each.title, label, other && other.textContent].some(one => one && one.trim());
    });
    const drawings = [...document.querySelectorAll('svg')].filter(each => isVisible(each) && !each.closest('[aria-hidden=true]'));
    const silent = drawings.filter(each => !each.querySelector('title') && !each.getAttribute('aria-label') && !each.getAttribute('aria-labelledby'));
    const blind = [...document.querySelectorAll('img:not([alt])')];
    return [...unnamed, ...silent, ...blind].map(name);
  }

  let wanted = [];
  let reached = new Set();

  function markInteractive() {
    wanted = interactive();
    reached = new Set();
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    return wanted.length;
  }

  function noteFocus() {
    reached.add(document.activeElement);
  }

  /** Lists what was not come by. Of radio buttons one stands for all of its group; `walked` says whether Tab went all the way. */
  function unreached(walked) {
    const groups = new Set([...reached].filter(each => each?.type === 'radio').map(each => each.name));
    return wanted.filter(each => {
      if (reached.has(each) || (each.type === 'radio' && groups.has(each.name))) return false;
      if (each.tabIndex === -1 && each.getAttribute('role') === 'tab') return false;
      return walked || isInert(each);
    }).map(name);
  }

  function figures() {
    const [load] = performance.getEntriesByType('navigation');
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return {
      parsed: load.domContentLoadedEventEnd,
      loaded: load.loadEventEnd,
      painted: paint ? paint.startTime : 0,
      elements: document.querySelectorAll('*').length,
      bytes: load.decodedBodySize,
    };
  }

  return { overflow, faint, repeatedIds, nameless, markInteractive, noteFocus, unreached, figures };
})();
