import { parseAggregators, parseFilter, parseGranularity } from '../../model/index.js';
import { autoDimension, type DimensionSchema, type DimensionType } from '../../segments/index.js';
import type { InputBatch } from '../input/batch.js';
import { entityOf } from '../input/testing.js';
import type { TaskSpec } from '../spec/task-spec.js';

/** For tests: an input record. */
export type Fields = Readonly<Record<string, unknown>>;

/** For tests: records as one batch, by column. */
export function batchOf(rows: readonly Fields[], bad: InputBatch['bad'] = []): InputBatch {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = new Map([...names].map((name) => [name, rows.map((row) => row[name])]));
  return { rowCount: rows.length, columns, bad, bytes: 10 * rows.length };
}

/** For tests: what of a spec matters to rows; the rest has plain defaults. */
export interface TestSpec {
  readonly dimensions?: Readonly<Record<string, DimensionType | 'AUTO'>>;
  readonly discover?: 'none' | 'strings' | 'typed';
  readonly excluded?: readonly string[];
  readonly metrics?: readonly object[];
  readonly transforms?: Readonly<Record<string, string>>;
  readonly filter?: object;
  readonly segmentGranularity?: string;
  readonly queryGranularity?: string;
  readonly rollup?: boolean;
  readonly intervals?: TaskSpec['granularity']['intervals'];
  readonly missingValue?: string;
  readonly tuning?: Partial<TaskSpec['tuning']>;
  /** What the input gives. */
  readonly batches?: readonly InputBatch[];
}

/** For tests: a task spec whose time column is `ts` and whose input is given batches. */
export function specOf(test: TestSpec): TaskSpec {
  const listed = Object.entries(test.dimensions ?? {}).map(
    ([name, type]): DimensionSchema =>
      type === 'AUTO' ? autoDimension(name) : { name, type, multiValueHandling: 'ARRAY' },
  );
  const entity = entityOf('');
  return {
    type: 'index_parallel',
    id: null,
    dataSource: 'Test/1',
    timestamp: { column: 'ts', format: 'auto', missingValue: test.missingValue ?? null },
    dimensions: {
      listed,
      discover: test.discover ?? 'none',
      excluded: new Set(['ts', ...(test.excluded ?? [])]),
    },
    metrics: parseAggregators(test.metrics ?? [], 'metricsSpec'),
    granularity: {
      segmentGranularity: parseGranularity(test.segmentGranularity ?? 'day', 'segmentGranularity'),
      queryGranularity: parseGranularity(test.queryGranularity ?? 'none', 'queryGranularity'),
      rollup: test.rollup ?? false,
      intervals: test.intervals ?? null,
    },
    transforms: Object.entries(test.transforms ?? {}).map(([name, expression]) => ({
      name,
      expression,
    })),
    filter: test.filter === undefined ? null : parseFilter(test.filter),
    starTrees: undefined,
    inputs: [
      {
        source: { type: 'test', check: () => undefined, entities: () => [entity] },
        format: { type: 'test', read: () => toAsync(test.batches ?? []) },
      },
    ],
    append: false,
    dropExisting: false,
    tuning: {
      maxRowsInMemory: 1_000_000,
      maxRowsPerSegment: 5_000_000,
      partitioning: null,
      maxParseExceptions: 2 ** 31 - 1,
      maxSavedParseExceptions: 10,
      ...test.tuning,
    },
    json: {},
  };
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
