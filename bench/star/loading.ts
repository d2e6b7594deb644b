import { fileURLToPath } from 'node:url';
import { makeFile } from '../ingest/files.js';
import { inOwnProcess } from '../own-process.js';
import type { Part, PartOptions } from '../parts.js';
import { table } from '../query/markdown.js';
import { median } from '../query/statistics.js';
import type { LoadJob, LoadMeasure } from './load-process.js';
import { CONFIGURATIONS, type Configuration } from './load-spec.js';
import { number, share } from './query-report.js';
import type { StarSet } from './star-set.js';
import { loadSets } from './star-sets.js';

const CHILD = fileURLToPath(new URL('./load-process.js', import.meta.url));

/** Medians over the rounds. */
interface Loaded extends LoadMeasure {
  readonly configuration: Configuration;
}

interface SetLoaded {
  readonly dataSet: string;
  readonly rows: number;
  readonly loaded: readonly Loaded[];
}

/**
 * JSON lines into a table, as a task does it, without trees and with them: to build trees may take as long as all the rest, and derived
 * ones may take 30 % of it on disk. Every load has a process of its own, rounds are interleaved.
 */
export const loading: Part = {
  name: 'loading',
  async run(options) {
    const results: SetLoaded[] = [];
    for (const set of loadSets()) {
      if (options.wants(set.dataSet.name)) results.push(await loadSet(set, options));
    }
    return { json: results, text: `${results.map(setText).join('\n\n')}` };
  },
};

async function loadSet(set: StarSet, options: PartOptions): Promise<SetLoaded> {
  const { rows, rounds, dataDirectory, say } = options;
  const dataSet = set.dataSet.name;
  const file = await makeFile(set.dataSet, options);
  const configurations = CONFIGURATIONS.filter((each) => each !== 'set' || set.trees.length > 0);
  const measures = new Map(
    configurations.map((each): [Configuration, LoadMeasure[]] => [each, []]),
  );
  // A load takes as long as all rounds of a query.
  for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
    for (const configuration of configurations) {
      const one = loadOnce({ dataSet, configuration, file }, dataDirectory);
      measures.get(configuration)!.push(one);
      const { wallMs, cpuMs } = one;
      say(`${dataSet}, ${configuration}: ${wallMs.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms`);
    }
  }
  const loaded = configurations.map((configuration) => ({
    configuration,
    ...medianOf(measures.get(configuration)!),
  }));
  return { dataSet, rows, loaded };
}

const MOST_ROUNDS = 3;

const loadOnce = (job: Omit<LoadJob, 'directory'>, dataDirectory: string): LoadMeasure =>
  inOwnProcess(CHILD, job, dataDirectory);

function medianOf(measures: readonly LoadMeasure[]): LoadMeasure {
  const middle = (value: (measure: LoadMeasure) => number) => median(measures.map(value));
  return {
    sizes: measures[0]!.sizes,
    wallMs: middle(({ wallMs }) => wallMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakRssBytes: middle(({ peakRssBytes }) => peakRssBytes),
  };
}

function setText({ dataSet, rows, loaded }: SetLoaded): string {
  const without = loaded[0]!;
  const lines = loaded.map(({ configuration, wallMs, cpuMs, peakRssBytes, sizes }) => {
    const trees = sizes.flatMap((each) => each.trees);
    const treeBytes = trees.reduce((sum, { bytes }) => sum + bytes, 0);
    const rowBytes = sizes.reduce((sum, each) => sum + each.rowBytes, 0);
    const records = trees.reduce((sum, each) => sum + each.records, 0);
    return [
      configuration,
      (wallMs / 1000).toFixed(2),
      (cpuMs / 1000).toFixed(2),
      share(cpuMs - without.cpuMs, without.cpuMs),
      number(Math.round(peakRssBytes / 1e6)),
      (rowBytes / 1e6).toFixed(1),
      (treeBytes / 1e6).toFixed(1),
      share(treeBytes, rowBytes),
      number(records),
    ];
  });
  const head = ['trees', 'seconds', 'CPU seconds', 'more CPU', 'peak RSS, MB', 'MB of rows'];
  const dimensions = loaded.flatMap(({ configuration, sizes }) =>
    configuration === 'auto' ? sizes[0]!.trees.map((tree) => tree.dimensions) : [],
  );
  return `### Loading ${dataSet}, ${number(rows)} rows

${table([...head, 'MB of trees', 'share', 'records'], lines)}

Derived: ${dimensions.join('; ') || 'none'}. Required: at most 100 % more CPU; of derived trees a share of 30 % at most.`;
}
