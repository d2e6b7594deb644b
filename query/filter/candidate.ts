import {
  complementRows,
  intersectRows,
  NO_ROWS,
  type RowAnswer,
  type RowSet,
  uniteRows,
} from '../../indexes/index.js';

/** Rows of a segment that indexes tell of a filter: found when they are asked for. */
export interface Candidate {
  /** At most so many; 0 is sure. */
  readonly estimate: number;
  /** About how long it takes to find them. */
  readonly costNs: number;
  /** All rows that pass, and no others where `exact`; null where the index would rather not. */
  rows(): RowAnswer | null;
}

/** To look at one row's number, and to look a set up. */
const ROW_NS = 2;
export const SET_NS = 1000;
/** Of a set that has a bit for every row. */
const BITS_NS_PER_ROW = 0.02;

export const costOfRows = (estimate: number, rowCount: number): number =>
  SET_NS + Math.min(ROW_NS * estimate, rowCount * (ROW_NS / 8 + BITS_NS_PER_ROW));

export const noRows: Candidate = {
  estimate: 0,
  costNs: 0,
  rows: () => ({ rows: NO_ROWS, exact: true }),
};

export const allRows = (rowCount: number): Candidate => ({
  estimate: rowCount,
  costNs: 0,
  rows: () => ({ rows: rangeSet(0, rowCount), exact: true }),
});

export const rangeSet = (from: number, to: number): RowSet => ({
  kind: 'ranges',
  ranges: from < to ? Uint32Array.of(from, to) : new Uint32Array(0),
});

/** Rows of any of them. */
export function anyOfRows(candidates: readonly Candidate[], rowCount: number): Candidate {
  if (candidates.length === 1) return candidates[0]!;
  const estimate = sumOf(candidates.map((each) => each.estimate));
  return {
    estimate: Math.min(rowCount, estimate),
    costNs: sumOf(candidates.map(({ costNs }) => costNs)) + BITS_NS_PER_ROW * rowCount,
    rows() {
      const answers = candidates.flatMap((each) => (each.estimate === 0 ? [] : [each.rows()]));
      if (!areAll(answers)) return null;
      const rows = uniteRows(
        answers.map((each) => each.rows),
        rowCount,
      );
      return { rows, exact: answers.every(({ exact }) => exact) };
    },
  };
}

/** Rows of all of them. Those that take longer than to look at the rows that the others leave are left out, which makes it inexact. */
export function allOfRows(candidates: readonly Candidate[], rowCount: number): Candidate {
  const [least, ...others] = [...candidates].sort((a, b) => a.estimate - b.estimate);
  if (least === undefined) return allRows(rowCount);
  if (others.length === 0 || least.estimate === 0) return least;
  return {
    estimate: least.estimate,
    costNs: least.costNs + sumOf(others.map(({ costNs }) => costNs)),
    rows() {
      let answer = least.rows();
      for (const each of others) {
        const more = each.rows();
        if (answer === null || more === null) answer = inexact(answer ?? more);
        else {
          const rows = intersectRows(answer.rows, more.rows, rowCount);
          answer = { rows, exact: answer.exact && more.exact };
        }
      }
      return answer;
    },
  };
}

/** The rows that are not among these. */
export const othersOfRows = (candidate: Candidate, rowCount: number): Candidate => ({
  estimate: rowCount,
  costNs: candidate.costNs + BITS_NS_PER_ROW * rowCount,
  rows() {
    const answer = candidate.rows();
    if (answer === null || !answer.exact) return null;
    return { rows: complementRows(answer.rows, rowCount), exact: true };
  },
});

/** The same rows, of which some may not pass. */
export const withinRows = (candidate: Candidate): Candidate => ({
  ...candidate,
  rows: () => inexact(candidate.rows()),
});

const inexact = (answer: RowAnswer | null): RowAnswer | null =>
  answer === null ? null : { rows: answer.rows, exact: false };

const areAll = (answers: readonly (RowAnswer | null)[]): answers is RowAnswer[] =>
  !answers.includes(null);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
