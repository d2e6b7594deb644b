import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArenaPool, RealDisk } from '../../core/index.js';
import type { BlockSink } from '../../indexes/index.js';
import type { Encoding } from '../../segments/encodings/encoding.js';
import { chooseEncoding, ENCODINGS } from '../../segments/encodings/registry.js';
import { factsOf, type Vector } from '../../segments/encodings/vector.js';
import { SegmentWriter } from '../../segments/format/segment-writer.js';
import { inspectSegment, openSegment } from '../../segments/index.js';
import type { Part } from '../parts.js';
import { table } from '../query/markdown.js';
import { EXAMPLES, type ExampleColumn } from './columns.js';
import { fastest, shown } from './timing.js';

interface EncodingFigures {
  readonly encoding: string;
  readonly column: string;
  readonly hotBytesPerRow: number;
  readonly packedBytesPerRow: number;
  /** Choosing included. */
  readonly buildNsPerRow: number;
  /** Into memory, all checks included. */
  readonly loadNsPerRow: number;
  /** Value by value, as the interpreter reads. */
  readonly readNsPerRow: number;
}

const disk = new RealDisk();

/** Every encoding, on the made-up columns that it is chosen for. */
export const encodings: Part = {
  name: 'encodings',

  async run({ rows, rounds, dataDirectory, say }) {
    const directory = mkdtempSync(join(dataDirectory, 'encodings-'));
    try {
      const figures: EncodingFigures[] = [];
      for (const example of EXAMPLES) {
        const one = measure(example, rows, rounds, join(directory, 'column'));
        say(`${one.encoding}: ${one.column}`);
        figures.push(one);
      }
      return { text: textOf(figures), json: figures };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** Counts bytes, as a file would take them. */
const countingSink = (): BlockSink => ({
  block(_name, chunks) {
    for (const _ of chunks);
  },
});

/** What is computed of a vector is kept beside it, so that every round gets one of its own. */
const fresh = (vector: Vector): Vector => ({ ...vector });

function measure(
  { name, vector: vectorOf }: ExampleColumn,
  rows: number,
  rounds: number,
  path: string,
): EncodingFigures {
  const vector = vectorOf(rows);
  const { ms: buildMs, result: encoding } = fastest(rounds, () => build(fresh(vector)));
  writeFile(path, vector, rows);
  const { columns } = inspectSegment(disk, path, { verify: false, measurePacked: true });
  const column = columns.find((each) => each.name === 'column')!;
  const pool = new ArenaPool({ arenaBytes: 64 << 20, maxBytes: 4 * 2 ** 30 });
  const { ms: loadMs } = fastest(rounds, () => openSegment(disk, path, pool).close());
  const segment = openSegment(disk, path, pool);
  const { ms: readMs } = fastest(rounds, () => {
    const cursor = segment.cursor();
    const reader = cursor.column('column');
    let nulls = 0;
    for (let row = 0; row < rows; row++) {
      cursor.row = row;
      if (reader.get() === null) nulls++;
    }
    return nulls;
  });
  segment.close();
  const nsPerRow = (ms: number) => (1e6 * ms) / rows;
  return {
    encoding: encoding.name,
    column: name,
    hotBytesPerRow: column.sizeBytes / rows,
    packedBytesPerRow: column.packedBytes! / rows,
    buildNsPerRow: nsPerRow(buildMs),
    loadNsPerRow: nsPerRow(loadMs),
    readNsPerRow: nsPerRow(readMs),
  };
}

function build(vector: Vector): Encoding {
  const facts = factsOf(vector);
  const { encoding } = chooseEncoding(vector, facts);
  encoding.write(vector, facts, countingSink());
  return encoding;
}

/** Beside a time that takes nothing. */
function writeFile(path: string, vector: Vector, rowCount: number): void {
  const writer = new SegmentWriter(disk, path, false);
  const nothing = { kind: 'LONG', layout: 'offsets', base: 0, nulls: null } as const;
  writer.column('__time', 'time', { ...nothing, rowCount, offsets: new Uint8Array(rowCount) });
  writer.column('column', 'metric', vector);
  writer.finish({
    rowCount,
    minTimeMs: 0,
    maxTimeMs: 0,
    rollup: false,
    queryGranularity: 'none',
  });
}

function textOf(figures: readonly EncodingFigures[]): string {
  const order = ENCODINGS.map(({ name }) => name);
  const lines = figures
    .toSorted((a, b) => order.indexOf(a.encoding) - order.indexOf(b.encoding))
    .map((one) => [
      one.encoding,
      one.column,
      shown(one.hotBytesPerRow),
      shown(one.packedBytesPerRow),
      shown(one.buildNsPerRow),
      shown(one.loadNsPerRow),
      shown(one.readNsPerRow),
    ]);
  const used = new Set(figures.map(({ encoding }) => encoding));
  const others = order.filter((name) => !used.has(name)).map((name) => [name, '(no example)']);
  const head = ['encoding', 'column', 'bytes/row', 'packed', 'build ns/row', 'load', 'read'];
  const unused = others.map((line) => [...line, ...Array<string>(head.length - 2).fill('–')]);
  return `### Encodings\n\n${table(head, [...lines, ...unused])}`;
}
