import { PERIODS } from '../../log/shape-span.js';
import type { Proposal } from './advice.js';
import type { LoggedQueries } from './advise.js';
import type { Fit } from './asked-planner.js';
import type { Facts } from './facts.js';
import type { Need } from './need.js';
import type { TreeSize } from './tree-size.js';
import { treeSpec, type WouldBeTree } from './would-be-tree.js';

/** What a tree gives to the queries of a shape. */
export interface Gain {
  readonly need: Need;
  /** Rows and records that all of them look at, and the time that they take, with the tree. */
  readonly rowsAfter: number;
  readonly msAfter: number;
}

export interface Candidate {
  readonly tree: WouldBeTree;
  readonly size: TreeSize;
  /** Of the queries that it answers. */
  readonly gains: readonly Gain[];
  readonly sparedMs: number;
}

/** No query takes less, whatever it reads. */
const LEAST_MS = 0.5;

/** What queries take that look at so many records of each segment. */
export function gainOf(need: Need, fit: Exclude<Fit, 'none'>, records: number, facts: Facts): Gain {
  const share = fit === 'all' ? 1 : wholeShare(need, facts);
  const perRow = Math.min(1, records / facts.part.rowCount);
  const rowsAfter = need.rows * (share * perRow + 1 - share);
  const scaled = (need.ms * rowsAfter) / need.rows;
  const least = Math.min(need.ms, LEAST_MS * need.record.count);
  return { need, rowsAfter, msAfter: Math.max(least, scaled) };
}

/** Of the rows that a query reads: those in segments that its interval does not cut, wherever it begins. */
function wholeShare({ record }: Need, { part }: Facts): number {
  const lengthMs = PERIODS.get(record.shape.span.period) ?? Number.POSITIVE_INFINITY;
  return Math.max(0, 1 - (part.maxTimeMs - part.minTimeMs + 1) / lengthMs);
}

export function proposalOf({ tree, size, gains }: Candidate, logged: LoggedQueries): Proposal {
  const before = gains.reduce((sum, { need }) => sum + need.ms, 0);
  const after = gains.reduce((sum, { msAfter }) => sum + msAfter, 0);
  const loggedMs = gains.reduce((sum, { need }) => sum + need.record.totalMs, 0);
  return {
    tree: treeSpec(tree),
    timeShare: logged.shareOf(loggedMs),
    speedUp: after === 0 ? 1 : before / after,
    queries: [...gains]
      .sort((a, b) => b.need.ms - a.need.ms)
      .map(({ need, rowsAfter }) => ({
        ...logged.lineOf(need.record),
        rowsBefore: Math.round(need.rows / need.record.count),
        rowsAfter: Math.ceil(rowsAfter / need.record.count),
      })),
    ...size,
  };
}
