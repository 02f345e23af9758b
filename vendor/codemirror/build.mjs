// Builds the one module that the playground loads, puts the licences of all that is in it beside it, and records its digest.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const STATIC = new URL('../../cleaner/serve/static/', import.meta.url);
const FILE = new URL('codemirror.js', STATIC);

const { metafile } = await build({
  entryPoints: ['entry.js'],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  outfile: FILE.pathname,
  banner: { js: '// CodeMirror 6 and what it needs, built from vendor/codemirror; licences: codemirror.LICENCES.txt\n' },
});

const names = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) names.add(found[1]);
}
const texts = new Map();
for (const name of [...names].sort()) {
  const folder = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const licence = readFileSync(`${folder}/LICENSE`, 'utf8').trim();
  texts.set(licence, [...(texts.get(licence) ?? []), `${name} ${version}`]);
}
const licences = [...texts].map(([text, packages]) => `${packages.join(', ')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`);
writeFileSync(new URL('codemirror.LICENCES.txt', STATIC), licences);

const bytes = readFileSync(FILE);
const digest = createHash('sha256').update(bytes).digest('hex');
writeFileSync('DIGEST', `${digest}  codemirror.js\n`);
console.log(`${bytes.length} bytes, sha256 ${digest}`);
