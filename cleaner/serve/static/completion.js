// What can be written at a place of a rule file, told from its JSON Schema.

const KEY = /^([\w$.-]+|"[^"]*"|'[^']*')\s*:(?=\s|$)/;

/** Reads where in the file a text ends: the path of keys (null for an item of a list), and whether a value is due. */
export function placeAt(text) {
  const lines = text.split('\n');
  const line = lines.pop();
  const [, blank, dashes, rest] = line.match(/^(\s*)((?:-\s+)*)(.*)$/);
  const inner = flow(rest);
  const above = [];
  let indent = blank.length + dashes.length;
  for (let at = indent, left = dashes; left.trim();) {
    at = blank.length + left.lastIndexOf('-');
    above.unshift(null);
    left = left.slice(0, left.lastIndexOf('-'));
    indent = at + 0.5;
  }
  for (const earlier of lines.reverse()) {
    if (!earlier.trim() || earlier.trim().startsWith('#')) continue;
    let [, before, marks, content] = earlier.match(/^(\s*)((?:-\s+)*)(.*)$/);
    const column = before.length + marks.length;
    const key = content.match(KEY);
    if (key && column < indent) {
      above.unshift(key[1].replace(/["']/g, ''));
      indent = column;
    }
    if (column <= indent) {
      while (marks.trim()) {
        const dash = before.length + marks.lastIndexOf('-');
        if (dash < indent) {
          above.unshift(null);
          indent = dash + 0.5;
        }
        marks = marks.slice(0, marks.lastIndexOf('-'));
      }
    }
    if (indent === 0) break;
  }
  return { path: [...above, ...inner.path], isValue: inner.isValue };
}

/** Reads what stands on one line: keys, and braces and brackets that are still open. */
function flow(text) {
  const path = [];
  const open = [];
  let due = '';
  let left = text;
  const drop = () => { if (due) path.pop(); due = ''; };
  while (left) {
    const key = (!due && open.at(-1) !== '[') ? left.match(KEY) : null;
    const quoted = left.match(/^("(?:[^"\\]|\\.)*"|'[^']*')/);
    if (key) {
      path.push(key[1].replace(/["']/g, ''));
      due = 'value';
      left = left.slice(key[0].length);
    } else if (quoted) {
      left = left.slice(quoted[0].length);
    } else {
      const char = left[0];
      if (char === '{' || char === '[') {
        open.push(char);
        if (char === '[') path.push(null);
        due = '';
      } else if (char === '}' || char === ']') {
        drop();
        if (open.pop() === '[') path.pop();
        due = path.length && path.at(-1) !== null ? 'done' : '';
      } else if (char === ',' && open.at(-1) === '{') {
        drop();
      }
      left = left.slice(1);
    }
  }
  return { path, isValue: due === 'value' || open.at(-1) === '[' };
}

function* forms(schema, node) {
  if (!node || typeof node !== 'object') return;
  if (node.$ref) yield* forms(schema, schema.$defs[node.$ref.split('/').at(-1)]);
  for (const one of [...(node.anyOf || []), ...(node.oneOf || []), ...(node.allOf || [])]) yield* forms(schema, one);
  yield node;
}

function step(schema, nodes, key) {
  const found = [];
  for (const node of nodes) {
    for (const form of forms(schema, node)) {
      if (key === null) found.push(form.items, ...(form.prefixItems || []));
      else found.push(form.properties?.[key] ?? (typeof form.additionalProperties === 'object' ? form.additionalProperties : null));
    }
  }
  return found.filter(Boolean);
}

/** Returns keys or values that fit: each with a label, what is said of it, and what is written. */
export function suggest(schema, text) {
  const { path, isValue } = placeAt(text);
  let nodes = [schema];
  for (const key of path) {
    const next = step(schema, nodes, key);
    nodes = next.length ? next : key === null ? nodes : [];
  }
  const found = new Map();
  for (const node of nodes) {
    for (const form of forms(schema, node)) {
      if (isValue) {
        const inner = form.items ? [...forms(schema, form.items)] : [];
        for (const one of [form, ...inner]) {
          for (const value of one.enum || (one.const !== undefined ? [one.const] : one.type === 'boolean' ? [true, false] : [])) {
            found.set(String(value), { label: String(value), type: 'enum', apply: String(value) });
          }
        }
      } else {
        for (const [key, about] of Object.entries(form.properties || {})) {
          const told = about.description || [...forms(schema, about)].find(each => each.description)?.description || '';
          if (!found.has(key)) found.set(key, { label: key, type: 'property', info: told || undefined, apply: `${key}: ` });
        }
      }
    }
  }
  return [...found.values()];
}
