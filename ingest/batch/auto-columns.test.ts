import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaPool, ManualClock, SeededRandom, VirtualDisk } from '../../core/index.js';
import {
  type AutoType,
  autoColumnType,
  JSON_TYPE,
  Json,
  type JsonValue,
  joinAutoTypes,
} from '../../model/index.js';
import { jsonValue } from '../../model/testing.js';
import { openSegment } from '../../segments/index.js';
import { batchOf, specOf } from '../rows/testing.js';
import { runBatchJob } from './batch-job.js';

/** What a value is by itself. */
function autoTypeOf(value: JsonValue): AutoType {
  if (value === null) return 'NOTHING';
  if (typeof value === 'string' || typeof value === 'boolean') return 'STRING';
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return 'LONG';
  if (typeof value === 'number') return 'DOUBLE';
  if (!Array.isArray(value)) return JSON_TYPE;
  const elements = (value as readonly JsonValue[]).map(autoTypeOf);
  if (elements.some((type) => type === 'LISTS' || type.startsWith('ARRAY'))) return JSON_TYPE;
  return joinAutoTypes('LISTS', elements.reduce(joinAutoTypes, 'NOTHING'));
}

const text = (value: JsonValue): JsonValue => (typeof value === 'boolean' ? String(value) : value);

/** The cell of a value as plain JSON. */
function cellOf(value: JsonValue, type: AutoType): unknown {
  const own = autoTypeOf(value);
  if (value === null) return null;
  const list = (Array.isArray(value) ? value : [value]) as readonly JsonValue[];
  if (type === JSON_TYPE) {
    if (own === 'STRING') return text(value);
    return own === 'ARRAY<STRING>' ? list.map(text) : value;
  }
  if (type === 'DOUBLE') return Number(value);
  if (type === 'ARRAY<DOUBLE>') return list.map((each) => (each === null ? null : Number(each)));
  if (type === 'LONG' || type === 'STRING') return text(value);
  return list.map(text);
}

/** Wide integers beside fractions are doubles, also where the column is JSON in the end. */
function rounded(cell: unknown, auto: AutoType): unknown {
  if (Array.isArray(cell)) return cell.map((each) => rounded(each, auto));
  return typeof cell === 'bigint' && auto === JSON_TYPE ? Number(cell) : cell;
}

async function ingested(values: readonly JsonValue[], batchRows: number, maxRowsInMemory: number) {
  const rows = values.map((value, ts) => ({ ts, a: value, f: value }));
  const batches = [];
  for (let at = 0; at < rows.length; at += batchRows) {
    batches.push(batchOf(rows.slice(at, at + batchRows)));
  }
  const spec = specOf({
    dimensions: { a: 'AUTO' },
    discover: 'typed',
    tuning: { maxRowsInMemory },
    batches,
  });
  const disk = new VirtualDisk();
  const clock = new ManualClock(0);
  const { segments } = await runBatchJob(
    {
      taskId: 't',
      spec,
      chunkIntervals: [],
      slices: [],
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
    {
      input: { disk, localRoots: [], httpHosts: [], fetch, maxEntityBytes: 1, clock },
      disk,
      segmentsDir: '/data/segments',
      temporaryDir: '/data/tmp',
      random: new SeededRandom(7),
      clock,
      memoryBytes: 64 * 2 ** 20,
    },
  );
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 28 });
  const segment = openSegment(disk, segments[0]!.sealed.path, pool);
  expect(segments.length).toBe(1);
  const cursor = segment.cursor();
  const columns = ['a', 'f'].map((name) => {
    const reader = cursor.column(name);
    const cells = values.map((_, row) => {
      cursor.row = row;
      const cell = reader.get();
      return cell instanceof Json ? cell.value : cell;
    });
    return { type: segment.describe(name)?.type, auto: segment.describe(name)?.auto, cells };
  });
  segment.close();
  return columns;
}

/** Columns that are of one kind mostly. */
const values = fc.oneof(
  fc.array(jsonValue, { minLength: 1, maxLength: 12 }),
  ...[
    fc.integer(),
    fc.constantFrom<JsonValue[]>(1, 0.5),
    fc.constantFrom<JsonValue[]>('x', true, 'y'),
    fc.constantFrom<JsonValue[]>('x', ['y', null], []),
    fc.constantFrom<JsonValue[]>(1, [2.5], [], [null]),
    fc.constantFrom<JsonValue[]>(1, 'x'),
  ].map((kind) => fc.array(fc.option(kind, { freq: 4 }), { minLength: 1, maxLength: 12 })),
);

test('auto columns have the type that all their values fit, however the rows come', async () => {
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1, 3, 100),
      async (given, batchRows, maxRowsInMemory) => {
        const auto = given.map(autoTypeOf).reduce(joinAutoTypes, 'NOTHING');
        const [listed, found] = await ingested(given, batchRows, maxRowsInMemory);
        expect([listed!.type, listed!.auto]).toEqual([autoColumnType(auto), auto]);
        const isFound = auto !== 'NOTHING';
        expect(found!.type).toBe(isFound ? autoColumnType(auto) : undefined);
        for (const [row, value] of given.entries()) {
          if (isFound) expect(found!.cells[row]).toEqual(listed!.cells[row]);
          const cell = rounded(listed!.cells[row], auto);
          const expected = rounded(cellOf(value, auto), auto);
          // A scalar that was stored beside lists before there was JSON is a list of one.
          const isWrapped = auto === JSON_TYPE && !Array.isArray(expected) && Array.isArray(cell);
          if (isWrapped) expect(cell).toEqual([expected]);
          else expect(cell).toEqual(expected);
        }
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);
