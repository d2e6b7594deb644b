import { readFileSync } from 'node:fs';
import { table } from './markdown.js';
import type { Measured } from './measure.js';
import { UsageError } from './options.js';
import { type Report, ratioOf } from './report.js';
import { geometricMean } from './statistics.js';

/** What an earlier report says of a query. */
export interface Earlier {
  /** Varve's milliseconds. */
  readonly ms: number;
  /** The better peer's time over Varve's. */
  readonly ratio: number;
}

/** By the query's id. */
export type Before = ReadonlyMap<string, Earlier>;

/** An earlier report: the JSON that a run leaves behind, or tables in Markdown, such as docs/performance.md. Throws UsageError. */
export function readBefore(path: string): Before {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--before: ${error instanceof Error ? error.message : error}`);
  }
  const found = path.endsWith('.json') ? fromJson(path, text) : fromMarkdown(text);
  if (found.size > 0) return found;
  throw new UsageError(`--before: ${path} has no measured queries; want a report of bench:query`);
}

function fromJson(path: string, text: string): Before {
  try {
    const { classes } = JSON.parse(text) as Pick<Report, 'classes'>;
    return new Map(
      classes.flatMap(({ measured }) =>
        measured.flatMap((one) => {
          const { varve } = one.ms;
          return varve === undefined ? [] : [[one.id, { ms: varve, ratio: ratioOf(one) }] as const];
        }),
      ),
    );
  } catch {
    throw new UsageError(`--before: ${path} is no JSON report of bench:query`);
  }
}

/** Of tables with the columns `query`, `Varve` and `ratio`. */
export function fromMarkdown(text: string): Before {
  const found = new Map<string, Earlier>();
  let head: readonly string[] = [];
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1) : null;
    if (cells === null) head = [];
    else if (head.length === 0) head = cells.map((cell) => cell.trim());
    else addEarlier(found, head, cells);
  }
  return found;
}

function addEarlier(
  found: Map<string, Earlier>,
  head: readonly string[],
  cells: readonly string[],
): void {
  const cell = (name: string): string => cells[head.indexOf(name)]?.trim() ?? '';
  const ms = Number.parseFloat(cell('Varve'));
  const ratio = Number.parseFloat(cell('ratio'));
  if (cell('query') !== '' && ms > 0 && ratio > 0) found.set(cell('query'), { ms, ratio });
}

/** What is called slower, for times of a few milliseconds differ by as much from run to run. */
const SLOWER = 0.9;

/**
 * Query by query, above 1 when it is faster now. `beside the peers` compares the two ratios: where a busy hour or another
 * machine slows down everybody, it stays.
 */
export function beforeText(before: Before, measured: readonly Measured[]): string {
  const both = measured.flatMap((one) => {
    const earlier = before.get(one.id);
    const now = one.ms.varve;
    if (earlier === undefined || now === undefined) return [];
    const [alone, beside] = [earlier.ms / now, ratioOf(one) / earlier.ratio];
    return [{ id: one.id, was: earlier.ms, now, alone, beside }];
  });
  const lines = both.map(({ id, was, now, alone, beside }) => [
    id,
    was.toFixed(2),
    now.toFixed(2),
    times(alone),
    times(beside),
  ]);
  const mean = (of: (one: (typeof both)[number]) => number): string =>
    times(geometricMean(both.map(of)));
  const last = ['geometric mean', '', '', mean(({ alone }) => alone), mean(({ beside }) => beside)];
  const head = ['query', 'before, ms', 'now, ms', 'before / now', 'beside the peers'];
  const slower = both.filter(({ alone, beside }) => alone < SLOWER && beside < SLOWER);
  return [
    `### Beside an earlier report`,
    both.length === 0 ? 'None of its queries ran.' : table(head, [...lines, last]),
    slower.length === 0
      ? 'Nothing is slower by more than a tenth, both alone and beside the peers.'
      : `Slower by more than a tenth, both alone and beside the peers: ${slower.map(({ id }) => id).join(', ')}.`,
    `Not in it: ${measured.length - both.length} queries that ran.`,
  ].join('\n\n');
}

const times = (ratio: number): string => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}x`);
