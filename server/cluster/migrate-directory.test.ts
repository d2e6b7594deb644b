import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MetadataStore } from '../../cluster/index.js';
import { RealDisk, systemClock } from '../../core/index.js';
import { temporaryDirectory } from '../../core/testing.js';
import { type ConfigInput, parseConfig } from '../config.js';
import { migrateDirectory } from './migrate-directory.js';

const { signal } = new AbortController();

const clusterOf = (directory: string): NonNullable<ConfigInput['cluster']> => ({
  name: 'n1',
  roles: ['coordinator'],
  secret: { environment: 'VARVE_TEST_SECRET' },
  metadata: { url: { environment: 'VARVE_TEST_NOT_SET' } },
  deepStorage: { type: 'local', path: join(directory, 'deep') },
});

/** A directory for everything, and what happens when the one below it that is called so is migrated. */
function place() {
  const directory = temporaryDirectory('migrate', onTestFinished);
  const migrate = (from: string, config: ConfigInput = { cluster: clusterOf(directory) }) =>
    migrateDirectory(
      {
        from: join(directory, from),
        config: parseConfig(config),
        nodeDir: join(directory, 'node'),
        workDir: join(directory, 'work'),
        disk: new RealDisk(),
        parallel: 1,
        isDryRun: false,
        onPlan: () => undefined,
        onCopied: () => undefined,
      },
      signal,
    );
  const open = (from: string) => {
    mkdirSync(join(directory, from), { recursive: true });
    const path = join(directory, from, 'metadata.db');
    return MetadataStore.open({ type: 'sqlite', path }, systemClock);
  };
  return { directory, migrate, open };
}

test('what cannot be migrated, and into nothing', async () => {
  const { directory, migrate, open } = place();
  await expect(migrate('data')).rejects.toThrow(
    /no data directory of Varve: it has no metadata.db/,
  );
  // Looking made nothing.
  expect(readdirSync(directory)).toEqual([]);
  mkdirSync(join(directory, 'data'));
  writeFileSync(join(directory, 'data', 'node.db'), '');
  await expect(migrate('data')).rejects.toThrow(/the data directory of a node of a cluster/);
  await expect(migrate('data', {})).rejects.toThrow(/it has no "cluster"/);
  writeFileSync(join(directory, 'data', 'metadata.db'), 'no database at all, but a text');
  await expect(migrate('data')).rejects.toThrow(/cannot be opened/);
  const running = await open('running');
  await expect(migrate('running')).rejects.toThrow(/in use by another Varve process; stop/);
  await running.close();
});

test('a cluster that cannot be opened; the directory stays as it is, and is free again', async () => {
  const { directory, migrate, open } = place();
  const store = await open('data');
  await store.pushTables.ofLog('local').declare('t', {}, 0);
  await store.close();
  const path = join(directory, 'data', 'metadata.db');
  const before = readFileSync(path);
  await expect(migrate('data')).rejects.toThrow(/cluster.metadata.url.*VARVE_TEST_NOT_SET/);
  expect(readFileSync(path)).toEqual(before);
  expect(readdirSync(join(directory, 'data'))).toEqual(['metadata.db']);
  expect(readdirSync(join(directory, 'work'))).toEqual([]);
  await (await open('data')).close();
});
