import type { Part } from '../parts.js';
import { table } from '../query/markdown.js';
import { fastest, shown } from '../storage/timing.js';
import { type Input, makeInput } from './input.js';
import { OURS } from './ours.js';
import { packageSubjects } from './packages.js';
import type { Subject } from './subject.js';

interface Measured {
  readonly task: string;
  readonly name: string;
  /** How many numbers were added; fewer where they would take minutes. */
  readonly count: number;
  readonly updateNs: number;
  readonly mergeUs: number | null;
  readonly bytesOfThousand: number;
  readonly bytes: number;
  readonly error: number | null;
}

/** A round takes no longer than about this, fewer numbers where updates are slow. */
const MOST_MS = 8000;

/** Every sketch beside those of npm: an update, a merge, bytes and errors. */
export const library: Part = {
  name: 'library',

  async run({ rows, rounds, wants, say }) {
    const subjects = [...OURS, ...packageSubjects()].filter(({ task }) => wants(task));
    const tasks = [...new Set(subjects.map(({ task }) => task))];
    const input = makeInput(rows);
    const measured: Measured[] = [];
    for (const subject of tasks.flatMap((task) => subjects.filter((one) => one.task === task))) {
      measured.push(measure(subject, input, rounds));
      say(`${subject.name}: measured`);
    }
    return { text: textOf(measured, rows), json: measured };
  },
};

function measure(subject: Subject<unknown>, input: Input, rounds: number): Measured {
  const thousand = filled(subject, input, 1000);
  const trial = fastest(3, () => filled(subject, input, 1000)).ms;
  const affordable = 10 ** Math.floor(Math.log10((1000 * MOST_MS) / trial));
  const count = Math.max(1000, Math.min(affordable, input.distinct.length));
  const isSlow = count < input.distinct.length;
  const some = {
    distinct: input.distinct.subarray(0, count),
    skewed: input.skewed.subarray(0, count),
    amounts: input.amounts.subarray(0, count),
  };
  const { ms, result } = fastest(isSlow ? 1 : rounds, () => filled(subject, some, count));
  return {
    task: subject.task,
    name: subject.name,
    count,
    updateNs: (ms * 1e6) / count,
    mergeUs: mergeUs(subject, some, result, rounds),
    bytesOfThousand: subject.sizeBytes(thousand),
    bytes: subject.sizeBytes(result),
    error: subject.error(result, some),
  };
}

function filled(subject: Subject<unknown>, input: Input, count: number): unknown {
  const sketch = subject.make(count);
  subject.fill(sketch, input, 0, count);
  return sketch;
}

/** A half of the numbers, into which the sketch of all is merged: of its own each time. */
function mergeUs(
  { merge, make, fill }: Subject<unknown>,
  input: Input,
  whole: unknown,
  rounds: number,
): number | null {
  if (merge === null) return null;
  const count = input.distinct.length;
  let ms = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2 * rounds; round++) {
    const target = make(count);
    fill(target, input, 0, count / 2);
    ms = Math.min(ms, fastest(1, () => merge(target, whole)).ms);
  }
  return 1000 * ms;
}

const percent = (part: number): string => `${shown(100 * part)} %`;

function textOf(measured: readonly Measured[], rows: number): string {
  const lines = measured.map((one) => [
    one.task,
    one.name + (one.count < rows ? ` (of ${one.count.toLocaleString('en')})` : ''),
    shown(one.updateNs),
    one.mergeUs === null ? 'none' : shown(one.mergeUs),
    one.bytesOfThousand.toLocaleString('en'),
    one.bytes.toLocaleString('en'),
    one.error === null ? '' : percent(one.error),
  ]);
  const head = [
    ...['for', 'sketch', 'update ns', 'merge µs'],
    ...['bytes of 1,000', `of ${rows.toLocaleString('en')}`, 'error'],
  ];
  return `### Beside npm's\n\n${table(head, lines)}`;
}
