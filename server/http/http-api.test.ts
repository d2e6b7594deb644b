import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { coordinatorWorld } from './coordinator/coordinator-testing.js';

/** What stands for the parts of paths that docs/reference/http-api.md names. */
const PARTS: Readonly<Record<string, string>> = {
  ds: 't',
  interval: '1970-01-01_1970-01-02',
  server: '127.0.0.1:8888',
  tier: '_default_tier',
  lookupTier: '__default',
};

const text = readFileSync(new URL('../../docs/reference/http-api.md', import.meta.url), 'utf8');

const endpoints = [
  ...text.matchAll(/^\| `(GET|POST|DELETE) (\S+)`\s+\| (done|differs|refused)\s+\| (.*)\|$/gm),
].map(
  ([, method, path, state, note]) =>
    [
      `${state}: ${method} ${path}`,
      { method: method!, path: path!, state: state!, note: note! },
    ] as const,
);

let routes: { readonly method: string; readonly path: string }[];
beforeAll(async () => {
  ({ routes } = (await coordinatorWorld()).app);
});

describe('docs/reference/http-api.md tells the truth', () => {
  test('lists what there is', () => {
    expect(endpoints.length).toBeGreaterThan(100);
  });

  test.each(endpoints)('%s', (_title, { method, path, state, note }) => {
    const asked = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARTS[name] ?? name);
    const isThere = routes.some(
      (route) => route.method === method && patternOf(route.path).test(asked),
    );
    const isProxied = asked.startsWith('/proxy/');
    expect(isThere || isProxied).toBe(state !== 'refused');
    if (state !== 'done') expect(note.trim()).not.toBe('');
  });
});

/** A route's path, whose parameters are any text without a slash. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\/$/, '').replaceAll(/:\w+/g, '[^/]+')}/?$`);
