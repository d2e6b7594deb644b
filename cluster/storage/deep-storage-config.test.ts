import { expect, test } from 'vitest';
import { z } from 'zod';
import { SeededRandom, systemTimers, UserError, VirtualDisk } from '../../core/index.js';
import { deepStorageConfig, openDeepStorage, parseDeepStorage } from './deep-storage-config.js';

const credentials = {
  accessKeyId: { environment: 'KEY' },
  secretAccessKey: { file: '/run/secret' },
};

test('defaults', () => {
  expect(parseDeepStorage({ type: 'local', path: '/mnt/deep' })).toEqual({
    type: 'local',
    path: '/mnt/deep',
  });
  expect(parseDeepStorage({ type: 's3', bucket: 'varve', prefix: 'a/b' })).toEqual({
    type: 's3',
    bucket: 'varve',
    prefix: 'a/b/',
    region: 'us-east-1',
    partSize: 16 * 2 ** 20,
    maxAttempts: 6,
    timeoutMs: 30_000,
  });
});

test.each([
  { json: {}, key: 'deepStorage.type' },
  { json: { type: 'hdfs' }, key: 'deepStorage.type' },
  { json: { type: 'local', path: 'here' }, key: 'deepStorage.path' },
  { json: { type: 's3' }, key: 'deepStorage.bucket' },
  { json: { type: 's3', bucket: 'varve', endpoint: 'ftp://x' }, key: 'deepStorage.endpoint' },
  { json: { type: 's3', bucket: 'varve', prefix: '../x' }, key: 'deepStorage.prefix' },
  { json: { type: 's3', bucket: 'varve', partSize: '1MiB' }, key: 'deepStorage.partSize' },
  { json: { type: 's3', bucket: 'varve', partSize: 'much' }, key: 'deepStorage.partSize' },
  { json: { type: 's3', bucket: 'varve', buckets: 1 }, key: 'buckets' },
  {
    json: { type: 's3', bucket: 'varve', credentials: { ...credentials, secretAccessKey: 'abc' } },
    key: 'deepStorage.credentials.secretAccessKey',
  },
])('$key is named', ({ json, key }) => {
  expect(() => parseDeepStorage(json)).toThrow(UserError);
  expect(() => parseDeepStorage(json)).toThrow(key);
});

test('as a part of another configuration it says what is wrong in its own place', () => {
  const { error } = z.object({ deep: deepStorageConfig }).safeParse({ deep: { type: 's3' } });
  expect(error?.issues.map(({ path }) => path)).toEqual([['deep', 'bucket']]);
});

test('secrets are read from where they are, and their absence is told', () => {
  const config = parseDeepStorage({ type: 's3', bucket: 'varve', credentials });
  const disk = new VirtualDisk();
  const world = { disk, timers: systemTimers, random: new SeededRandom(1) };
  const open = (environment: Record<string, string>) =>
    openDeepStorage(config, { ...world, environment });
  expect(() => open({})).toThrow('the environment variable KEY is not set');
  expect(() => open({ KEY: 'k' })).toThrow('cannot read the file /run/secret');
  disk.makeDirectory('/run');
  const file = disk.create('/run/secret');
  expect(() => open({ KEY: 'k' })).toThrow('the file /run/secret is empty');
  file.write(new TextEncoder().encode('s\n'));
  const store = open({ KEY: 'k' });
  expect(store.description).toBe('S3 bucket varve');
  store.close();
});
