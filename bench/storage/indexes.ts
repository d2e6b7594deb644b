import { compress, PREFERRED_CODEC } from '../../core/index.js';
import {
  type BlockSink,
  type ColumnIndex,
  type IndexableColumn,
  type IndexKind,
  indexKinds,
} from '../../indexes/index.js';
import { countRows } from '../../indexes/rows/row-set.js';
import { indexableColumn } from '../../segments/indexed-column.js';
import type { Part } from '../parts.js';
import { table } from '../query/markdown.js';
import { EXAMPLES } from './columns.js';
import { type Question, questionsOf } from './questions.js';
import { fastest, fastestOfMany, shown } from './timing.js';

interface IndexFigures {
  readonly index: string;
  readonly column: string;
  readonly bytesPerRow: number;
  /** 0 where the deep-storage form leaves it out. */
  readonly packedBytesPerRow: number;
  readonly buildNsPerRow: number;
  readonly lookups: readonly Lookup[];
}

interface Lookup {
  readonly question: string;
  /** Rows that the answer has; null where the index only says how many at most. */
  readonly rows: number | null;
  readonly atMost: number | null;
  readonly estimateMicros: number;
  readonly rowsMicros: number;
}

/** Every kind of index, on the made-up columns that it is built for. */
export const indexes: Part = {
  name: 'indexes',

  async run({ rows, rounds, say }) {
    const figures = EXAMPLES.flatMap((example) => {
      const column = indexableColumn(example.vector(rows));
      if (column === null) return [];
      const questions = questionsOf(column);
      return indexKinds().flatMap((kind) => {
        const found = measure(kind, column, questions, rounds);
        if (found === null) return [];
        say(`${kind.name}: ${example.name}`);
        return [{ index: kind.name, column: example.name, ...found }];
      });
    });
    return { text: textOf(figures), json: figures };
  },
};

class Blocks implements BlockSink {
  readonly contents = new Map<string, Uint8Array>();

  block(name: string, chunks: Iterable<Uint8Array>): void {
    this.contents.set(
      name,
      new Uint8Array(Buffer.concat(Array.from(chunks, (chunk) => chunk.slice()))),
    );
  }

  get sizeBytes(): number {
    return [...this.contents.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

/** Null where the kind is not for the column, or not worth its bytes there. */
function measure(
  kind: IndexKind,
  column: IndexableColumn,
  questions: readonly Question[],
  rounds: number,
): Omit<IndexFigures, 'index' | 'column'> | null {
  if (!kind.isUsual(column, true) && !kind.askedFor.includes(column.kind)) return null;
  const { ms, result } = fastest(rounds, () => {
    const blocks = new Blocks();
    return { blocks, parameters: kind.build(column, blocks) };
  });
  const { blocks, parameters } = result;
  if (parameters === null) return null;
  const { rowCount } = column;
  const bytes = (name: string) => blocks.contents.get(name)!;
  const index = kind.attach({ rowCount, parameters, bytes });
  const packed = [...blocks.contents.values()].map(
    (each) => compress(each, PREFERRED_CODEC).length,
  );
  return {
    bytesPerRow: blocks.sizeBytes / rowCount,
    packedBytesPerRow: kind.isPacked ? packed.reduce((a, b) => a + b, 0) / rowCount : 0,
    buildNsPerRow: (1e6 * ms) / rowCount,
    lookups: questions.flatMap((question) => lookup(kind, index, question, rounds)),
  };
}

/** Nothing for a question that the index has no answer to. Throws where the answer is not that of a scan. */
function lookup(
  { name: kind }: IndexKind,
  index: ColumnIndex,
  { name, predicate, expected }: Question,
  rounds: number,
): Lookup[] {
  const answer = index.rows(predicate);
  const atMost = index.estimate(predicate);
  if (answer === null && atMost === null) return [];
  const rows = answer === null ? null : countRows(answer.rows);
  const isRight =
    expected === null || rows === null || (answer!.exact ? rows === expected : rows >= expected);
  if (!isRight) throw new Error(`${kind}, ${name}: ${rows} rows, want ${expected}; not timed`);
  const estimateMs = fastestOfMany(rounds, () => index.estimate(predicate));
  const rowsMs = fastestOfMany(rounds, () => index.rows(predicate));
  return [
    { question: name, rows, atMost, estimateMicros: 1000 * estimateMs, rowsMicros: 1000 * rowsMs },
  ];
}

const inOrder = (figures: readonly IndexFigures[]): IndexFigures[] => {
  const order = indexKinds().map(({ name }) => name);
  return figures.toSorted((a, b) => order.indexOf(a.index) - order.indexOf(b.index));
};

function textOf(figures: readonly IndexFigures[]): string {
  const built = inOrder(figures).map((one) => [
    one.index,
    one.column,
    shown(one.bytesPerRow),
    one.packedBytesPerRow === 0 ? 'left out' : shown(one.packedBytesPerRow),
    shown(one.buildNsPerRow),
  ]);
  const asked = inOrder(figures).flatMap(({ index, column, lookups }) =>
    lookups.map((each) => [
      index,
      column,
      each.question,
      (each.rows ?? each.atMost ?? 0).toLocaleString('en-US'),
      shown(each.estimateMicros),
      shown(each.rowsMicros),
    ]),
  );
  const used = new Set(figures.map(({ index }) => index));
  const others = indexKinds().filter(({ name }) => !used.has(name));
  const unused = others.map(({ name }) => [name, '(no example)', '–', '–', '–']);
  return `### Indexes

${table(['index', 'column', 'bytes/row', 'packed', 'build ns/row'], [...built, ...unused])}

${table(['index', 'column', 'looked for', 'rows', 'estimate µs', 'rows µs'], asked)}`;
}
