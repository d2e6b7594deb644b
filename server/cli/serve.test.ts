import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NotFoundError, UserError } from '../../core/index.js';
import { serveConfig } from './serve.js';

const directory = mkdtempSync(join(tmpdir(), 'varve-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileOf(text: string): string {
  const path = join(directory, 'varve.json');
  writeFileSync(path, text);
  return path;
}

test('flags win over the file, the file over the defaults', () => {
  const config = fileOf(
    '{"port": 1, "dataDir": "/file", "logLevel": "warn", "query": {"workers": 3}}',
  );
  const chosen = serveConfig({ config, port: '0', logLevel: 'error' });
  expect(chosen).toMatchObject({
    port: 0,
    dataDir: '/file',
    logLevel: 'error',
    host: '127.0.0.1',
    query: { workers: 3 },
  });
  expect(serveConfig({ config, dataDir: '/flag' })).toMatchObject({ port: 1, dataDir: '/flag' });
  expect(serveConfig({}).port).toBe(8888);
});

test('the directories that may be read are those of the file and of the flags', () => {
  const config = fileOf('{"localRoots": ["/a"]}');
  expect(serveConfig({ config, localRoot: ['/b', '/c'] }).localRoots).toEqual(['/a', '/b', '/c']);
  expect(serveConfig({ config }).localRoots).toEqual(['/a']);
  expect(serveConfig({ localRoot: ['/b'] }).localRoots).toEqual(['/b']);
  expect(serveConfig({}).localRoots).toEqual([]);
});

test('the file may ask for an address that a flag allows', () => {
  const config = fileOf('{"host": "0.0.0.0"}');
  expect(() => serveConfig({ config })).toThrow(/--insecure/);
  expect(serveConfig({ config, insecure: true }).host).toBe('0.0.0.0');
});

const CLUSTER = {
  name: 'a',
  roles: ['broker'],
  secret: { environment: 'S' },
  metadata: { url: { environment: 'M' } },
  deepStorage: { type: 'local', path: '/deep' },
};

test('flags win over the environment, the environment over the file', () => {
  const config = fileOf(JSON.stringify({ port: 1, dataDir: '/file', cluster: CLUSTER }));
  const environment = {
    VARVE_PORT: '2',
    VARVE_CLUSTER__NAME: 'b',
    VARVE_CLUSTER__ROLES: 'historical',
  };
  expect(serveConfig({ config }, environment)).toMatchObject({
    port: 2,
    dataDir: '/file',
    cluster: { name: 'b', roles: ['historical'] },
  });
  expect(
    serveConfig({ config, port: '3', roles: 'broker, coordinator' }, environment),
  ).toMatchObject({
    port: 3,
    cluster: { name: 'b', roles: ['broker', 'coordinator'] },
  });
});

describe('what is refused', () => {
  test('roles where there is no cluster, and roles that there are not', () => {
    expect(() => serveConfig({ roles: 'broker' })).toThrow(/--roles: .*VARVE_CLUSTER__/);
    const config = fileOf(JSON.stringify({ cluster: CLUSTER }));
    expect(() => serveConfig({ config, roles: 'router' })).toThrow(
      /cluster\.roles\.0: .*"broker".*; got "router"/,
    );
  });

  test.each(['abc', '', '-1', '80x', '0x50', '1e3', '65536'])('the port "%s"', (port) => {
    expect(() => serveConfig({ port })).toThrow(UserError);
    expect(() => serveConfig({ port })).toThrow(/^configuration: port: .*; got /);
  });

  test.each([
    // A text is a sequence of letters, of which "/" would be a directory.
    { text: '{"localRoots": "/data"}', says: /localRoots: .*; got "\/data"/ },
    { text: '{"localRoots": null}', says: /localRoots: .*; got null/ },
    { text: '{"localRoots": [7]}', says: /localRoots\.0: .*; got 7/ },
    { text: '{"locaRoots": []}', says: /locaRoots: no such key/ },
    { text: 'null', says: /JSON object/ },
    { text: '[]', says: /JSON object/ },
    { text: '{', says: /JSON/i },
  ])('a file with $text', ({ text, says }) => {
    const config = fileOf(text);
    for (const localRoot of [undefined, ['/b']]) {
      const flags = localRoot === undefined ? { config } : { config, localRoot };
      expect(() => serveConfig(flags)).toThrow(UserError);
      expect(() => serveConfig(flags)).toThrow(says);
    }
  });

  test('a file that is not there', () => {
    const config = join(directory, 'none.json');
    expect(() => serveConfig({ config })).toThrow(NotFoundError);
    expect(() => serveConfig({ config })).toThrow(config);
  });
});
