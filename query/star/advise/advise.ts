import { compareText } from '../../../core/index.js';
import { segmentIdText } from '../../../segments/index.js';
import type { ShapeRecord } from '../../log/query-log.js';
import type { Advice, LoggedQuery, UnansweredQuery } from './advice.js';
import { type CountDistinct, DistinctCounts } from './distinct-counts.js';
import type { Facts } from './facts.js';
import { type Need, needOf } from './need.js';
import { type Candidate, proposalOf } from './proposal.js';
import { reasonAgainst } from './reasons.js';
import { describeShape } from './shape-text.js';
import { TreeSearch } from './tree-search.js';

/** Where nothing was scanned that tells. */
const USUAL_MS_PER_ROW = 5e-6;

/**
 * Proposes star-trees for the logged queries of a table, as they would be in a segment that stands for all of its segments. Combinations
 * are counted there; the planner of queries says what a tree answers.
 */
export async function advise(
  table: string,
  records: readonly ShapeRecord[],
  facts: Facts | null,
  countDistinct: CountDistinct,
): Promise<Advice> {
  const logged = new LoggedQueries(records);
  const { queries, totalMs } = logged;
  const head = { table, logged: { queries, shapes: records.length, totalMs } };
  if (facts === null) return { ...head, segment: null, proposals: [], unanswered: [] };
  const counts = new DistinctCounts(facts.part.rowCount, countDistinct);
  const refused: UnansweredQuery[] = [];
  const needs: Need[] = [];
  for (const record of inOrder(records)) {
    const need = needOfRecord(record, facts, logged.msPerRow);
    if (typeof need === 'string') refused.push({ ...logged.lineOf(record), reason: need });
    else needs.push(need);
  }
  const found = await new TreeSearch(facts, counts).run(needs);
  const left = found.left.map(({ need, reason }) => ({ ...logged.lineOf(need.record), reason }));
  return {
    ...head,
    segment: {
      id: segmentIdText(facts.part.id),
      rows: facts.part.rowCount,
      sizeBytes: facts.sizeBytes,
    },
    proposals: found.chosen.map((each: Candidate) => proposalOf(each, logged)),
    unanswered: [...refused, ...left].sort((a, b) => b.totalMs - a.totalMs),
  };
}

/** What took longest first, whatever the order of the log is. */
const inOrder = (records: readonly ShapeRecord[]): ShapeRecord[] =>
  [...records].sort((a, b) => b.totalMs - a.totalMs || compareText(keyOf(a), keyOf(b)));

const keyOf = ({ shape }: ShapeRecord): string => JSON.stringify(shape);

/** What the queries of a record need, or why no tree answers them. */
function needOfRecord(record: ShapeRecord, facts: Facts, msPerRow: number): Need | string {
  const reason = reasonAgainst(record.shape, facts);
  if (reason !== null) return reason;
  const need = needOf(record, msPerRow, facts);
  return need.rows === 0 ? 'reads no rows: it is answered by what is known of segments' : need;
}

/** What was asked of a table, all in all. */
export class LoggedQueries {
  readonly queries: number;
  readonly totalMs: number;
  readonly msPerRow: number;

  constructor(records: readonly ShapeRecord[]) {
    this.queries = records.reduce((sum, { count }) => sum + count, 0);
    this.totalMs = records.reduce((sum, each) => sum + each.totalMs, 0);
    const scanned = records.filter(({ treeCount, rows }) => treeCount === 0 && rows > 0);
    const rows = scanned.reduce((sum, each) => sum + each.rows, 0);
    const ms = scanned.reduce((sum, each) => sum + each.totalMs, 0);
    this.msPerRow = ms === 0 ? USUAL_MS_PER_ROW : ms / rows;
  }

  lineOf({ shape, count, totalMs }: ShapeRecord): LoggedQuery {
    return { query: describeShape(shape), count, totalMs, timeShare: this.shareOf(totalMs) };
  }

  shareOf(ms: number): number {
    return this.totalMs === 0 ? 0 : ms / this.totalMs;
  }
}
