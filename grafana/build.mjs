/**
 * Builds the plugin into dist/: `module.js` in the AMD format that Grafana loads, plugin.json, the logo and the
 * dashboards. What Grafana itself brings (React, its own packages, RxJS) stays outside.
 */
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));

const SHARED = ['@grafana/data', '@grafana/runtime', '@grafana/ui', 'react', 'rxjs'];

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/module.ts'],
  outfile: 'dist/module.js',
  bundle: true,
  minify: true,
  sourcemap: true,
  target: 'es2022',
  // esbuild knows CommonJS but not AMD: its `require` and `module` are made from define's arguments.
  format: 'cjs',
  external: SHARED,
  banner: {
    js: `define(${JSON.stringify(SHARED)}, (...shared) => {
const require = (name) => shared[${JSON.stringify(SHARED)}.indexOf(name)];
const module = { exports: {} };`,
  },
  footer: { js: 'return module.exports;\n});' },
});
for (const path of ['plugin.json', 'img'])
  await cp(`src/${path}`, `dist/${path}`, { recursive: true });
await cp('dashboards', 'dist/dashboards', { recursive: true });
await cp('../LICENSE', 'dist/LICENSE');
