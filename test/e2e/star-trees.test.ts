import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealDisk } from '../../core/index.js';
import { readSegmentDirectory } from '../../segments/index.js';
import { examplesOf } from '../support/documents.js';
import { REPOSITORY, temporaryDirectory } from '../support/server-process.js';

/** Star-trees in this process, asked for wherever rows come in, from the build output as a user would import it. */
const { open, UserError } = (await import(
  join(REPOSITORY, 'dist/bundle/index.js')
)) as typeof import('../../server/index.js');

const scratch = temporaryDirectory('star-trees');
const dataDir = join(scratch, 'data');
const disk = new RealDisk();
let varve: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  varve = await open(dataDir);
});
afterAll(async () => {
  await varve.close();
  rmSync(scratch, { recursive: true, force: true });
});

const examples = examplesOf('docs/ingestion.md')
  .filter(({ language }) => language === 'json')
  .map(({ text }) => text);
const PAGES = JSON.parse(examples[0] ?? '');
const { starTrees } = JSON.parse(examples.find((text) => text.includes('starTrees')) ?? '');

const rowsFrom = (from: number) =>
  Array.from({ length: 1000 }, (_, i) => from + i).map((i) => ({
    at: Date.UTC(2024, 4, 1) + i * 30_000,
    page: `/${i % 7}`,
    country: ['FR', 'DE'][i % 2],
    userId: i % 400,
    bytes: i,
  }));

/** The dimensions of each tree of each file of a table. */
const treesOf = (table: string): string[][] =>
  disk
    .list(join(dataDir, 'segments', table))
    .map((name) => readSegmentDirectory(disk, join(dataDir, 'segments', table, name)))
    .map(({ trees }) => trees.map(({ dimensions }) => dimensions.map(({ name }) => name).join()));

/** Checks that trees answer as rows do. */
async function expectAnswers(table: string): Promise<void> {
  const query = `SELECT TIME_FLOOR(__time, 'P1D') AS d, page, SUM(views) AS v, SUM(bytes) AS b FROM ${table} WHERE country = 'FR' GROUP BY 1, 2`;
  const ask = (useStarTree: boolean) => varve.sql(query, { context: { useStarTree } });
  const found = await ask(true);
  expect(found).toEqual(await ask(false));
  expect(found.length).toBeGreaterThan(6);
}

test('the example of the manual: a task', async () => {
  const { dataSchema, ioConfig } = PAGES.spec;
  const data = rowsFrom(0)
    .map((row) => JSON.stringify(row))
    .join('\n');
  await varve.ingest({
    ...PAGES,
    spec: {
      dataSchema: { ...dataSchema, starTrees },
      ioConfig: { ...ioConfig, inputSource: { type: 'inline', data } },
    },
  });
  expect(treesOf('pages')).toEqual([['page,country,__time']]);
  await expectAnswers('pages');
});

test('a declared table: at handoff, as its newest spec says, and when it is compacted', async () => {
  const { dataSource: _, ...spec } = PAGES.spec.dataSchema;
  const wrong = varve.declare('views', { ...spec, starTrees: [{ dimensions: ['town'] }] });
  await expect(wrong).rejects.toThrow('starTrees[0].dimensions[0]: want a dimension');
  await expect(wrong).rejects.toBeInstanceOf(UserError);

  await varve.declare('views', { ...spec, starTrees });
  await varve.push('views', rowsFrom(0));
  await varve.handOff('views');
  expect(treesOf('views')).toEqual([['page,country,__time']]);
  await expectAnswers('views');

  const [tree] = starTrees;
  await varve.declare('views', { ...spec, starTrees: [tree, { ...tree, dimensions: ['page'] }] });
  await varve.push('views', rowsFrom(1000));
  await varve.handOff('views');
  expect(treesOf('views').sort()).toEqual([
    ['page,country,__time'],
    ['page,country,__time', 'page'],
  ]);
  await expectAnswers('views');

  await varve.close();
  varve = await open(dataDir);
  await varve.declare('views', {
    ...spec,
    starTrees: [{ ...tree, dimensions: ['country', 'page'] }],
  });
  await varve.ingest({
    type: 'compact',
    dataSource: 'views',
    ioConfig: { inputSpec: { type: 'interval', interval: '2024/2025' } },
  });
  expect(treesOf('views')).toContainEqual(['country,page']);
  await expectAnswers('views');
});
