import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { WorkerExecutor } from '../../query/index.js';
import type { Part, PartOptions } from '../parts.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { count } from '../query/options.js';
import { CONFIGURATIONS, type Configuration } from './load-spec.js';
import { Asker, type Measured } from './measure.js';
import { type Asked, askedText } from './query-report.js';
import { type FileSizes, fileSizes, sealRows } from './segment-files.js';
import { sliceColumns } from './slice.js';
import { ssb } from './ssb.js';
import type { StarSet } from './star-set.js';
import { StarTable } from './star-table.js';
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
        if (options.wants(set.dataSet.name)) asked.push(...(await askSet(set, rows, options)));
      }
    }
    return { text: asked.map(askedText).join('\n\n'), json: asked };
  },
};

async function askSet(set: StarSet, rows: number, options: PartOptions): Promise<Asked[]> {
  const scratch = mkdtempSync(join(options.dataDirectory, 'star-'));
  const kept = options.setting('segments');
  const distinctRows = Math.min(rows, distinctRowsOf(options));
  const { name } = set.dataSet;
  try {
    const files = configurationsOf(options).map((configuration): Files => {
      const directory = join(kept || scratch, `${name}-${rows}-${configuration}`);
      return { configuration, directory };
    });
    await writeSegments(set, rows, files, scratch, options);
    const asked: Asked[] = [];
    for (const { configuration, directory } of files) {
      const paths = readdirSync(directory).map((file) => join(directory, file));
      const sizes = paths.map(fileSizes);
      const measured = await askAll(set, paths, sizes, options);
      asked.push({ dataSet: name, configuration, rows, distinctRows, sizes, measured });
    }
    return asked;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const configurationsOf = ({ setting }: PartOptions): Configuration[] =>
  CONFIGURATIONS.filter((name) => setting('configurations').split(',').includes(name));

const distinctRowsOf = ({ setting }: PartOptions): number =>
  count('distinct-rows', setting('distinct-rows'));

/** Writes the files of all configurations that are not there yet, named in order of time; from some row on they are the first ones again. */
async function writeSegments(
  set: StarSet,
  rows: number,
  files: readonly Files[],
  scratch: string,
  options: PartOptions,
): Promise<void> {
  const { setting, say } = options;
  const distinctRows = distinctRowsOf(options);
  const segmentRows = count('segment-rows', setting('segment-rows'));
  const duckdb = await DuckDBPeer.open(scratch, availableParallelism());
  try {
    for (let from = 0; from < rows; from += segmentRows) {
      const slice = { rows, from, to: Math.min(rows, from + segmentRows) };
      const name = fileName(from);
      const missing = files.filter(({ directory }) => !existsSync(join(directory, name)));
      if (missing.length === 0) continue;
      if (from >= distinctRows) {
        const original = fileName(from % distinctRows);
        for (const { directory } of missing) {
          linkSync(join(directory, original), join(directory, name));
        }
        continue;
      }
      const columns = await sliceColumns(set.dataSet, slice, duckdb);
      for (const [i, { ms }] of sealRows(columns, set, missing, name).entries()) {
        const { configuration } = missing[i]!;
        say(`${set.dataSet.name}, ${configuration}: ${name} in ${(ms / 1000).toFixed(1)} s`);
      }
    }
  } finally {
    await duckdb.close();
  }
}

const fileName = (from: number): string => `${String(from).padStart(10, '0')}.varve`;

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
