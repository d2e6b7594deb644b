import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inOwnProcess } from '../own-process.js';
import type { Part, PartOptions } from '../parts.js';
import type { DataSet } from '../query/data-set.js';
import { table } from '../query/markdown.js';
import { ENGINE_NAMES, type Engine } from '../query/peer.js';
import { median } from '../query/statistics.js';
import { fieldCount, INGEST_SETS } from './data-sets.js';
import { makeFile } from './files.js';
import type { LoadJob, LoadMeasure } from './load-process.js';

const CHILD = fileURLToPath(new URL('./load-process.js', import.meta.url));
const ENGINES: readonly Engine[] = ['varve', 'duckdb', 'clickhouse'];

/** Medians over the rounds. */
interface Loaded extends LoadMeasure {
  readonly engine: Engine;
}

interface SetResult {
  readonly dataSet: string;
  readonly fields: number;
  readonly rows: number;
  readonly fileBytes: number;
  readonly loaded: readonly Loaded[];
  /** CPU time of the better peer over Varve's: above 1, Varve is faster. */
  readonly ratio: number;
}

/**
 * Bulk loads: JSON lines into a table on disk with one thread, beside DuckDB and ClickHouse.
 *
 * What counts is CPU time of the whole process, so that nobody gains by threads in the background;
 * wall time stands beside it. Every load has a process of its own, rounds are interleaved, answers compared.
 */
export const bulk: Part = {
  name: 'bulk',
  async run(options) {
    const results: SetResult[] = [];
    for (const dataSet of INGEST_SETS) {
      if (!options.wants(dataSet.name)) continue;
      results.push(await loadSet(dataSet, options));
    }
    return { json: results, text: results.map(setText).join('\n\n') };
  },
};

async function loadSet(dataSet: DataSet, options: PartOptions): Promise<SetResult> {
  const { rows, rounds, dataDirectory, say } = options;
  const file = await makeFile(dataSet, options);
  const measures = new Map<Engine, LoadMeasure[]>(ENGINES.map((engine) => [engine, []]));
  for (let round = 0; round < rounds; round++) {
    for (const engine of ENGINES) {
      const one = loadOnce({ engine, dataSet: dataSet.name, file }, dataDirectory);
      measures.get(engine)!.push(one);
      say(`${dataSet.name}: ${engine} ${one.wallMs.toFixed(0)} ms, CPU ${one.cpuMs.toFixed(0)} ms`);
    }
  }
  const loaded = ENGINES.map((engine) => ({ engine, ...medianOf(measures.get(engine)!) }));
  const checks = new Set(loaded.map(({ check }) => JSON.stringify(check)));
  if (checks.size > 1) throw new Error(`${dataSet.name}: answers differ: ${[...checks].join(' ')}`);
  const [own, ...peers] = loaded.map(({ cpuMs }) => cpuMs);
  const ratio = Math.min(...peers) / own!;
  const fileBytes = statSync(file).size;
  return { dataSet: dataSet.name, fields: fieldCount(dataSet), rows, fileBytes, loaded, ratio };
}

const loadOnce = (job: Omit<LoadJob, 'directory'>, dataDirectory: string): LoadMeasure =>
  inOwnProcess(CHILD, job, dataDirectory);

function medianOf(measures: readonly LoadMeasure[]): LoadMeasure {
  const middle = (value: (measure: LoadMeasure) => number) => median(measures.map(value));
  return {
    ...measures[0]!,
    wallMs: middle(({ wallMs }) => wallMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakRssBytes: middle(({ peakRssBytes }) => peakRssBytes),
    diskBytes: middle(({ diskBytes }) => diskBytes),
  };
}

function setText({ dataSet, fields, rows, fileBytes, loaded, ratio }: SetResult): string {
  const perSecond = (ms: number) => Math.round((1000 * rows) / ms).toLocaleString('en-US');
  const lines = loaded.map(({ engine, version, cpuMs, wallMs, diskBytes, peakRssBytes }) => [
    `${ENGINE_NAMES[engine]} ${version}`,
    perSecond(cpuMs),
    perSecond(wallMs),
    Math.round((1e6 * cpuMs) / rows).toLocaleString('en-US'),
    (diskBytes / 1e6).toFixed(1),
    Math.round(peakRssBytes / 1e6).toLocaleString('en-US'),
  ]);
  const head = ['', 'rows/s per core', 'rows/s', 'CPU ns/row', 'MB on disk', 'peak RSS, MB'];
  return `### bulk: ${dataSet}, ${rows.toLocaleString('en-US')} rows of ${fields} fields, ${Math.round(fileBytes / rows)} bytes each

${table(head, lines)}

Ratio of rows/s per core to the better peer: ${ratio.toFixed(2)}x`;
}
