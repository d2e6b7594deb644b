import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WorkerExecutor } from '../../query/index.js';
import { MutableSegment } from '../../segments/index.js';
import type { Part, PartOptions } from '../parts.js';
import type { Query } from '../query/data-set.js';
import { table } from '../query/markdown.js';
import { mix } from '../query/random.js';
import { geometricMean, median } from '../query/statistics.js';
import { WIKI } from '../query/wiki.js';
import { type BenchColumns, benchColumns, benchCursor, benchSchema } from './columns.js';
import {
  type BenchSegment,
  benchPool,
  engineOver,
  OneTable,
  sealedCopy,
} from './mutable-tables.js';

const WORKERS = 2;
const BATCH_ROWS = 1000;
/** Rows that arrive late do so by two minutes on average. */
const MEAN_DELAY_MS = 120_000;
/** Rows that are appended, a batch before each query, while it grows. */
const GROWING_SHARE = 0.2;

/** The same rows: in a file, in memory in the order of their times, and as several producers would send them. */
const FORMS = ['sealed', 'in time', 'late', 'growing'] as const;
type Form = (typeof FORMS)[number];

interface QueryTimes {
  readonly id: string;
  /** Medians, in ms. */
  readonly ms: Readonly<Record<Form, number>>;
  /** Jobs that ran as compiled kernels, of all. */
  readonly compiled: Readonly<Record<Form, string>>;
}

/** Queries over a mutable segment beside the same rows in a sealed one. */
export const mutable: Part = {
  name: 'mutable',
  async run(options) {
    const results = await measureAll(options);
    return { json: results, text: textOf(results) };
  },
};

/** A segment that takes the next batch of its rows before every query. */
interface Growing {
  readonly table: OneTable;
  grow(): void;
}

async function measureAll(options: PartOptions): Promise<QueryTimes[]> {
  const { rows, dataDirectory, say } = options;
  const scratch = mkdtempSync(join(dataDirectory, 'mutable-'));
  const columns = await benchColumns(WIKI, rows, dataDirectory, scratch).finally(() =>
    rmSync(scratch, { recursive: true }),
  );
  const tables = tablesOf(columns, say);
  const executor = new WorkerExecutor(WORKERS);
  try {
    const results: QueryTimes[] = [];
    for (const query of WIKI.queries) {
      if (!options.wants(query.id.split(' ')[0]!) && !options.wants(WIKI.name)) continue;
      results.push(await measure(query, tables, executor, options));
      say(lineOf(results.at(-1)!).join('  '));
    }
    return results;
  } finally {
    await executor.close();
  }
}

function tablesOf(columns: BenchColumns, say: PartOptions['say']): Record<Form, Growing> {
  const schema = benchSchema(WIKI);
  const pool = benchPool();
  const inTime = Uint32Array.from({ length: columns.rowCount }, (_, row) => row);
  const late = arrivals(columns);
  const filled = (order: Uint32Array) => {
    const segment = new MutableSegment(schema, pool);
    const start = performance.now();
    appendAll(segment, columns, order);
    const ms = performance.now() - start;
    const { sizeBytes } = segment;
    say(`${order.length} rows appended in ${ms.toFixed(0)} ms, ${sizeBytes >> 20} MiB`);
    return segment.snapshot();
  };
  const first = filled(inTime);
  const still = (segment: BenchSegment): Growing => ({
    table: new OneTable(WIKI.name, segment),
    grow: () => undefined,
  });
  const begun = Math.floor(columns.rowCount * (1 - GROWING_SHARE));
  const growing = new MutableSegment(schema, pool);
  appendAll(growing, columns, late.subarray(0, begun));
  const table = new OneTable(WIKI.name, growing.snapshot());
  let next = begun;
  return {
    sealed: still(sealedCopy(first, schema, pool)),
    'in time': still(first),
    late: still(filled(late)),
    growing: {
      table,
      grow() {
        if (next >= late.length) next = begun;
        growing.append(benchCursor(columns), late.subarray(next, next + BATCH_ROWS));
        next += BATCH_ROWS;
        table.segment = growing.snapshot();
        growing.releaseBefore(growing.snapshot().handle.layout);
      },
    },
  };
}

function appendAll(segment: MutableSegment, columns: BenchColumns, order: Uint32Array): void {
  const cursor = benchCursor(columns);
  for (let at = 0; at < order.length; at += BATCH_ROWS) {
    segment.append(cursor, order.subarray(at, at + BATCH_ROWS));
  }
}

/** Rows in the order in which they come when each is late by a time of its own. */
function arrivals({ rowCount, timesMs }: BenchColumns): Uint32Array {
  const arrivalMs = timesMs.map(
    (timeMs, row) => timeMs - MEAN_DELAY_MS * Math.log((mix(row, 1) + 1) / 2 ** 32),
  );
  return Uint32Array.from({ length: rowCount }, (_, row) => row).sort(
    (a, b) => arrivalMs[a]! - arrivalMs[b]!,
  );
}

async function measure(
  query: Query,
  tables: Record<Form, Growing>,
  executor: WorkerExecutor,
  { rounds }: PartOptions,
): Promise<QueryTimes> {
  const times = Object.fromEntries(FORMS.map((form) => [form, [] as number[]]));
  const compiled: Record<string, string> = {};
  for (let round = -2; round < 4 * rounds; round++) {
    for (const form of FORMS) {
      const { table, grow } = tables[form];
      const { engine, sql } = engineOver(table, executor);
      grow();
      const start = performance.now();
      await sql.run({ query: query.varve, context: query.context });
      if (round >= 0) times[form]!.push(performance.now() - start);
      const { compiledJobs, interpretedJobs } = engine.totals;
      compiled[form] = `${compiledJobs}/${compiledJobs + interpretedJobs}`;
    }
  }
  const ms = Object.fromEntries(FORMS.map((form) => [form, median(times[form]!)]));
  return {
    id: query.id,
    ms: ms as QueryTimes['ms'],
    compiled: compiled as QueryTimes['compiled'],
  };
}

const ratio = ({ ms }: QueryTimes, form: Form): number => ms[form] / ms.sealed;

const lineOf = (times: QueryTimes): string[] => [
  times.id,
  ...FORMS.map((form) => times.ms[form].toFixed(2)),
  ...FORMS.slice(1).map((form) => ratio(times, form).toFixed(2)),
  ...FORMS.map((form) => times.compiled[form]),
];

function textOf(results: readonly QueryTimes[]): string {
  const head = [
    'query',
    ...FORMS.map((form) => `${form}, ms`),
    ...FORMS.slice(1).map((form) => `${form} / sealed`),
    ...FORMS.map((form) => `${form}, compiled`),
  ];
  const means = FORMS.slice(1).map(
    (form) => `${form} ${geometricMean(results.map((each) => ratio(each, form))).toFixed(2)}`,
  );
  const worst = results.filter((each) => FORMS.some((form) => ratio(each, form) > 2));
  return [
    '## Mutable beside sealed',
    table(head, results.map(lineOf)),
    `Geometric means of the ratios: ${means.join(', ')}. More than twice as long: ${worst.map(({ id }) => id).join(', ') || 'none'}.`,
  ].join('\n\n');
}
