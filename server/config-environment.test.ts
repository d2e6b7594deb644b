import { describe, expect, test } from 'vitest';
import { UserError } from '../core/index.js';
import { parseConfig } from './config.js';
import { allSettings, withEnvironment } from './config-environment.js';

const read = (environment: Record<string, string>, file: object = {}) => {
  const { config, variables } = withEnvironment({ ...file }, environment);
  return parseConfig(config, variables);
};

const CLUSTER = {
  VARVE_CLUSTER__NAME: 'historical-0',
  VARVE_CLUSTER__ROLES: 'historical, coordinator',
  VARVE_CLUSTER__SECRET: 'a secret that nobody is to see',
  VARVE_CLUSTER__METADATA__URL: 'postgres://varve:word@db:5432/varve',
  VARVE_CLUSTER__DEEP_STORAGE__TYPE: 's3',
  VARVE_CLUSTER__DEEP_STORAGE__BUCKET: 'segments',
  VARVE_CLUSTER__DEEP_STORAGE__PATH_STYLE: 'true',
  VARVE_CLUSTER__DISK_BYTES: '10GiB',
};

test('a whole node of a cluster, without a file; secrets stay where they are', () => {
  const config = read(CLUSTER);
  expect(config.cluster).toMatchObject({
    name: 'historical-0',
    roles: ['historical', 'coordinator'],
    secret: { environment: 'VARVE_CLUSTER__SECRET' },
    metadata: { url: { environment: 'VARVE_CLUSTER__METADATA__URL' } },
    deepStorage: { type: 's3', bucket: 'segments', pathStyle: true },
    diskBytes: 10 * 2 ** 30,
  });
  expect(JSON.stringify(config)).not.toMatch(/nobody is to see|word/);
});

test('a file may hold a secret, and wins over where it was', () => {
  const { secret, ...file } = { secret: { environment: 'X' }, name: 'a' };
  const over = {
    ...CLUSTER,
    VARVE_CLUSTER__SECRET: '',
    VARVE_CLUSTER__SECRET__FILE: '/run/secret',
  };
  expect(read(over, { cluster: { ...file, secret } }).cluster).toMatchObject({
    name: 'historical-0',
    secret: { file: '/run/secret' },
  });
});

test('what the environment says wins over the file, key by key', () => {
  const file = { port: 1, query: { workers: 3, maxGroups: 7 }, localRoots: ['/a'] };
  const config = read(
    { VARVE_PORT: '9', VARVE_QUERY__WORKERS: '5', VARVE_LOCAL_ROOTS: '["/b,c"]', PORT: '77' },
    file,
  );
  expect(config).toMatchObject({
    port: 9,
    query: { workers: 5, maxGroups: 7 },
    localRoots: ['/b,c'],
  });
  expect(file.query.workers).toBe(3);
});

test.each([
  { name: 'VARVE_INSECURE', text: 'true', at: { insecure: true } },
  { name: 'VARVE_DATA_DIR', text: '7', at: { dataDir: '7' } },
  {
    name: 'VARVE_HTTP_HOSTS',
    text: 'a.example, b.example',
    at: { httpHosts: ['a.example', 'b.example'] },
  },
  { name: 'VARVE_QUERY__SLOW_QUERY_MS', text: 'null', at: { query: { slowQueryMs: null } } },
  { name: 'VARVE_DUTIES__KEEP_TASKS', text: 'P1D', at: { duties: { keepTasks: 86_400_000 } } },
  { name: 'VARVE_MEMORY__SEGMENT_BYTES', text: '300', at: { memory: { segmentBytes: 300 } } },
  {
    name: 'VARVE_QUERY__SCHEDULER__LANES',
    text: '{"strategy":"manual","lanes":{"a":2}}',
    at: { query: { scheduler: { lanes: { strategy: 'manual', lanes: { a: 2 } } } } },
  },
  { name: 'VARVE_PORT', text: '', at: { port: 8888 } },
  { name: 'VARVE_ANYTHING', text: 'that is somebody else’s', at: { port: 8888 } },
])('$name=$text', ({ name, text, at }) => {
  expect(read({ [name]: text })).toMatchObject(at);
});

describe('what is refused', () => {
  test.each([
    {
      name: 'VARVE_QUERY__MAXGROUPS',
      text: '5',
      says: /VARVE_QUERY__MAXGROUPS .*write VARVE_QUERY__MAX_GROUPS/,
    },
    { name: 'VARVE_QUERY__NOTHING', text: '5', says: /VARVE_QUERY__NOTHING names no key/ },
    { name: 'VARVE_PORT', text: 'tcp://10.0.0.1:8888', says: /port \(VARVE_PORT\): .*; got "tcp:/ },
    { name: 'VARVE_LOCAL_ROOTS', text: '[1', says: /VARVE_LOCAL_ROOTS: want JSON/ },
    { name: 'VARVE_INSECURE', text: 'yes', says: /insecure \(VARVE_INSECURE\): .*; got "yes"/ },
  ])('$name=$text', ({ name, text, says }) => {
    expect(() => read({ [name]: text })).toThrow(UserError);
    expect(() => read({ [name]: text })).toThrow(says);
  });

  test('the password of a URL is not shown', () => {
    const cluster = { metadata: { url: 'mysql://me:hidden@db/x' } };
    expect(() => read({}, { cluster })).toThrow(/mysql:\/\/me:…@db/);
    expect(() => read({}, { cluster })).not.toThrow(/hidden/);
  });
});

test('every key has a variable, and no two have the same', () => {
  const leaves = [...allSettings().values()].map(({ path }) => path.join('.'));
  expect(new Set(leaves).size).toBe(leaves.length);
  for (const key of ['port', 'http.drainTimeoutMs', 'cluster.deepStorage.path', 'push.logBytes']) {
    expect(leaves).toContain(key);
  }
});
