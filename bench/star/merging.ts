import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mergeSteps } from '../../segments/index.js';
import { benchSchema } from '../ingest/columns.js';
import type { Part, PartOptions } from '../parts.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { table } from '../query/markdown.js';
import { median } from '../query/statistics.js';
import { CONFIGURATIONS, type Configuration } from './load-spec.js';
import { number, share } from './query-report.js';
import { disk, sealRows } from './segment-files.js';
import { sliceColumns } from './slice.js';
import { ssb } from './ssb.js';
import type { StarSet } from './star-set.js';
import { treeDefinitions } from './tree-definitions.js';
import { web } from './web.js';

/** Segments that become one. */
const SEGMENTS = 4;
const MEMORY_BYTES = 2 ** 28;
const MOST_ROUNDS = 3;

interface Costs {
  readonly configuration: Configuration;
  /** Medians, of the four files together. */
  readonly sealMs: number;
  readonly mergeMs: number;
}

interface SetCosts {
  readonly dataSet: string;
  readonly rows: number;
  readonly costs: readonly Costs[];
}

/** What trees cost handoff, which seals rows that lie in memory, and compaction, which merges segments as streams: with those of their own. */
export const merging: Part = {
  name: 'merging',
  async run(options) {
    const results: SetCosts[] = [];
    for (const set of [web(options.rows), ssb()]) {
      if (options.wants(set.dataSet.name)) results.push(await costsOf(set, options));
    }
    return { json: results, text: results.map(costsText).join('\n\n') };
  },
};

async function costsOf(set: StarSet, options: PartOptions): Promise<SetCosts> {
  const { rows, rounds, dataDirectory, say } = options;
  const scratch = mkdtempSync(join(dataDirectory, 'star-'));
  const files = CONFIGURATIONS.map((configuration) => ({
    configuration,
    directory: join(scratch, configuration),
    sealMs: [] as number[],
    mergeMs: [] as number[],
  }));
  try {
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      await sealAll(set, rows, files, scratch);
      for (const { configuration, directory, mergeMs } of files) {
        mergeMs.push(mergeAll(set, configuration, directory, scratch));
        say(`${set.dataSet.name}, ${configuration}: merged in ${mergeMs.at(-1)!.toFixed(0)} ms`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const costs = files.map(({ configuration, sealMs, mergeMs }) => ({
    configuration,
    sealMs: median(sealMs),
    mergeMs: median(mergeMs),
  }));
  return { dataSet: set.dataSet.name, rows, costs };
}

interface Files {
  readonly configuration: Configuration;
  readonly directory: string;
  readonly sealMs: number[];
}

/** Rows of a quarter of the time in each file. */
async function sealAll(
  set: StarSet,
  rows: number,
  files: readonly Files[],
  scratch: string,
): Promise<void> {
  const sums = files.map(() => 0);
  const duckdb = await DuckDBPeer.open(scratch, 2);
  try {
    for (let i = 0; i < SEGMENTS; i++) {
      const [from, to] = [i, i + 1].map((each) => Math.floor((each * rows) / SEGMENTS));
      const columns = await sliceColumns(set.dataSet, { rows, from: from!, to: to! }, duckdb);
      for (const [at, { ms }] of sealRows(columns, set, files, `${i}.varve`).entries()) {
        sums[at]! += ms;
      }
    }
  } finally {
    await duckdb.close();
  }
  for (const [at, { sealMs }] of files.entries()) sealMs.push(sums[at]!);
}

function mergeAll(
  set: StarSet,
  configuration: Configuration,
  directory: string,
  scratch: string,
): number {
  const paths = readdirSync(directory).map((file) => join(directory, file));
  const schema = {
    ...benchSchema(set.dataSet),
    starTrees: treeDefinitions(set, configuration),
  };
  const merged = join(scratch, 'merged');
  const start = performance.now();
  const steps = mergeSteps(disk, merged, (partition) => `${partition}.varve`, paths, schema, {
    maxRowsPerSegment: Number.MAX_SAFE_INTEGER,
    memoryBytes: MEMORY_BYTES,
    temporaryDir: join(scratch, 'merge'),
  });
  while (!steps.next().done);
  const ms = performance.now() - start;
  rmSync(merged, { recursive: true });
  return ms;
}

function costsText({ dataSet, rows, costs }: SetCosts): string {
  const [without] = costs;
  const lines = costs.map(({ configuration, sealMs, mergeMs }) => [
    configuration,
    (sealMs / 1000).toFixed(2),
    share(sealMs - without!.sealMs, without!.sealMs),
    (mergeMs / 1000).toFixed(2),
    share(mergeMs - without!.mergeMs, without!.mergeMs),
  ]);
  const head = ['trees', 'handoff, seconds', 'more', 'merge, seconds', 'more'];
  return `### Handoff and merge of ${dataSet}: ${SEGMENTS} segments of ${number(rows / SEGMENTS)} rows\n\n${table(head, lines)}`;
}
