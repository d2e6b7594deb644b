import { readFileSync } from 'node:fs';
import { JsonReader } from '../../ingest/input/formats/json-reader.js';
import { joined } from '../../ingest/input/lines.js';
import { BatchReader } from '../../ingest/rows/batch-reader.js';
import { parseTaskSpec } from '../../ingest/spec/parse-task-spec.js';
import type { Part, PartOptions } from '../parts.js';
import type { DataSet } from '../query/data-set.js';
import { table } from '../query/markdown.js';
import { fieldCount, INGEST_SETS, ingestionTask } from './data-sets.js';
import { makeFile } from './files.js';

/** As a local source reads. */
const CHUNK_BYTES = 1024 * 1024;

const LINE_FEED = 10;

/** What is done with every row, and how much CPU time the fastest round takes for one. */
interface Step {
  readonly name: string;
  readonly nsPerRow: number;
}

/**
 * From bytes to typed columns, in this thread, without storing anything: what JSON.parse alone costs, what the
 * tokenizer, and what both the tokenizer and the typing of times, dimensions and metrics.
 */
export const reading: Part = {
  name: 'reading',
  async run(options) {
    const results: { dataSet: DataSet; steps: Step[] }[] = [];
    for (const dataSet of INGEST_SETS) {
      if (!options.wants(dataSet.name)) continue;
      results.push({ dataSet, steps: await measure(dataSet, options) });
    }
    return {
      json: results.map(({ dataSet, steps }) => ({ dataSet: dataSet.name, steps })),
      text: results.map(({ dataSet, steps }) => textOf(dataSet, steps)).join('\n\n'),
    };
  },
};

async function measure(dataSet: DataSet, options: PartOptions): Promise<Step[]> {
  const file = await makeFile(dataSet, options);
  const blocks = blocksOf(readFileSync(file));
  const spec = parseTaskSpec(ingestionTask(dataSet, file));
  const reader = new JsonReader('__time');
  const steps: Readonly<Record<string, () => number>> = {
    'JSON.parse': () => count(blocks, parseLines),
    tokenizer: () => count(blocks, (block) => tokens(reader, block)),
    'tokenizer and typing': () => {
      const rows = new BatchReader(spec);
      return count(blocks, (block) => tokens(reader, block, rows));
    },
  };
  const best = new Map<string, number>();
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, run] of Object.entries(steps)) {
      const before = process.cpuUsage();
      const rows = run();
      const { user, system } = process.cpuUsage(before);
      if (rows !== options.rows) throw new Error(`${name}: ${rows} rows, want ${options.rows}`);
      best.set(name, Math.min(best.get(name) ?? Infinity, (1000 * (user + system)) / rows));
    }
    options.say(`${dataSet.name}: reading, round ${round + 1}`);
  }
  return [...best].map(([name, nsPerRow]) => ({ name, nsPerRow }));
}

/** The lines in runs of about a chunk, as readers get them: a piece that was begun, and the rest. */
function blocksOf(bytes: Uint8Array): (readonly Uint8Array[])[] {
  const blocks: (readonly Uint8Array[])[] = [];
  let start = 0;
  while (start < bytes.length) {
    const last = bytes.lastIndexOf(LINE_FEED, Math.min(bytes.length, start + CHUNK_BYTES) - 1);
    const middle = Math.min(start + 100, last);
    blocks.push([bytes.subarray(start, middle), bytes.subarray(middle, last + 1)]);
    start = last + 1;
  }
  return blocks;
}

const count = (
  blocks: readonly (readonly Uint8Array[])[],
  rowsOf: (block: readonly Uint8Array[]) => number,
): number => blocks.reduce((sum, block) => sum + rowsOf(block), 0);

function parseLines(block: readonly Uint8Array[]): number {
  const lines = Buffer.from(joined(block)).toString().split('\n');
  let rows = 0;
  for (const line of lines) if (line !== '' && typeof JSON.parse(line) === 'object') rows++;
  return rows;
}

function tokens(reader: JsonReader, pieces: readonly Uint8Array[], rows?: BatchReader): number {
  let read = 0;
  for (const batch of reader.read({ pieces, bad: [], bytes: 0 })) {
    read += rows === undefined ? batch.rowCount : rows.read(batch).kept.length;
  }
  return read;
}

function textOf(dataSet: DataSet, steps: readonly Step[]): string {
  const lines = steps.map(({ name, nsPerRow }) => [
    name,
    nsPerRow.toFixed(0),
    Math.round(1e9 / nsPerRow).toLocaleString('en-US'),
  ]);
  return `### reading: ${dataSet.name}, ${fieldCount(dataSet)} fields

${table(['', 'CPU ns/row', 'rows/s per core'], lines)}`;
}
