import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { WorkerExecutor } from '../../query/index.js';
import type { Part, PartOptions } from '../parts.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { count } from '../query/options.js';
import { Asker, type Measured } from './measure.js';
import { type Asked, askedText } from './query-report.js';
import { type FileSizes, fileSizes, sealRows } from './segment-files.js';
import { sliceColumns } from './slice.js';
import { ssb } from './ssb.js';
import type { StarSet } from './star-set.js';
import { StarTable } from './star-table.js';
import { CONFIGURATIONS, type Configuration } from './tree-definitions.js';
import { web } from './web.js';

/** Time for the rounds of one query. */
const SECONDS = 8;

interface Files {
  readonly configuration: Configuration;
  readonly directory: string;
}

/** The same queries with and without trees: required 20x at 5 million rows, 100x at 50 million. */
export const queries: Part = {
  name: 'queries',
  async run(options) {
    const asked: Asked[] = [];
    const segmentRows = count('segment-rows', options.setting('segment-rows'));
    for (const rows of options.rowCounts) {
      for (const set of [web(Math.min(rows, segmentRows)), ssb()]) {
        if (options.only(set.dataSet.name)) asked.push(...(await askSet(set, rows, options)));
      }
    }
    return { text: asked.map(askedText).join('\n\n'), json: asked };
  },
};

async function askSet(set: StarSet, rows: number, options: PartOptions): Promise<Asked[]> {
  const scratch = mkdtempSync(join(options.dataDirectory, 'star-'));
  try {
    const files = configurationsOf(options).map((configuration): Files => {
      const directory = join(scratch, configuration);
      mkdirSync(directory);
      return { configuration, directory };
    });
    const paths = await writeSegments(set, rows, files, scratch, options);
    const asked: Asked[] = [];
    for (const [i, { configuration }] of files.entries()) {
      const sizes = paths[i]!.map(fileSizes);
      const measured = await askAll(set, paths[i]!, sizes, options);
      asked.push({ dataSet: set.dataSet.name, configuration, rows, sizes, measured });
    }
    return asked;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const configurationsOf = ({ setting }: PartOptions): Configuration[] =>
  CONFIGURATIONS.filter((name) => setting('configurations').split(',').includes(name));

/** The paths of the files of each configuration, in order of time. */
async function writeSegments(
  set: StarSet,
  rows: number,
  files: readonly Files[],
  scratch: string,
  { setting, say }: PartOptions,
): Promise<string[][]> {
  const segmentRows = count('segment-rows', setting('segment-rows'));
  const paths = files.map((): string[] => []);
  const duckdb = await DuckDBPeer.open(scratch, availableParallelism());
  try {
    for (let from = 0; from < rows; from += segmentRows) {
      const slice = { rows, from, to: Math.min(rows, from + segmentRows) };
      const columns = await sliceColumns(set.dataSet, slice, duckdb);
      for (const [i, { sealed, ms }] of sealRows(columns, set, files, `${from}.varve`).entries()) {
        paths[i]!.push(sealed.path);
        const { configuration } = files[i]!;
        say(`${set.dataSet.name}, ${configuration}: ${from} on, sealed in ${ms.toFixed(0)} ms`);
      }
    }
  } finally {
    await duckdb.close();
  }
  return paths;
}

async function askAll(
  set: StarSet,
  paths: readonly string[],
  sizes: readonly FileSizes[],
  { rounds, setting, say }: PartOptions,
): Promise<Measured[]> {
  const executor = new WorkerExecutor(availableParallelism());
  const table = new StarTable(set.dataSet.name, paths, executor);
  const asker = new Asker(table, executor);
  const query = setting('query');
  const measured: Measured[] = [];
  try {
    say(sizes[0]!.trees.map(({ dimensions, records }) => `${dimensions}: ${records}`).join('\n'));
    for (const each of set.queries) {
      if (query !== '' && !each.id.startsWith(query)) continue;
      const one = await asker.measure(each, rounds, SECONDS);
      const { id, msWithout, msWith, msPlanning, rowsScanned, records, trees } = one;
      say(
        `${id}: ${msWithout.toFixed(2)} ms, ${msWith.toFixed(3)} ms (planning ${msPlanning.toFixed(3)}), ${rowsScanned} rows, ${records} of ${trees}`,
      );
      measured.push(one);
    }
  } finally {
    await executor.close();
  }
  return measured;
}
