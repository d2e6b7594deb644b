import { invariant } from '../../core/index.js';
import type { PlainInput } from '../../model/index.js';
import { attachSegment, type PinnedSegment, type WantedParts } from '../../segments/index.js';
import { HyperLogLog } from '../../sketches/index.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import { isCast } from '../interpreter/cast-segment.js';
import type { NativeQuery } from '../native/query.js';
import type { TypesOf } from './column-facts.js';
import type { PlannedPart } from './prune.js';

const KIND = 'hll';

/**
 * The sketches that tell a segment's answer together with what else is known of it; null where its rows have to be read. All of
 * its rows count, and a sketch in the file is the one that an aggregator would make of them, byte for byte.
 */
export function wantedSketches(
  engine: ScanEngine,
  query: NativeQuery,
  { part, facts }: PlannedPart,
  types: TypesOf,
): WantedParts | null {
  const known = part.facts;
  if (known === null || !facts.unfiltered || !asksSketches(query)) return null;
  const indexes = new Map<string, { readonly column: string; readonly kind: string }>();
  const virtual = new Set(query.virtualColumns.map(({ name }) => name));
  const isKnown = ({ column, type }: PlainInput): boolean => {
    if (virtual.has(column) || query.context.skipIndexes.has(column, KIND)) return false;
    const stored = known.column(column)?.type;
    // Values count as what they are read as.
    if (stored === undefined || isCast(stored, types.get(column) ?? stored)) return false;
    return (type === null || type === stored) && known.indexes(column).includes(KIND);
  };
  const distinct = (input: PlainInput): HyperLogLog | null => {
    if (!isKnown(input)) return null;
    indexes.set(input.column, { column: input.column, kind: KIND });
    return NOTHING;
  };
  // Whether there is an answer does not depend on what sketches hold.
  const isTold = engine.withoutScan(query, { ...facts, distinct }) !== null;
  return isTold && indexes.size > 0 ? { columns: 'none', indexes: [...indexes.values()] } : null;
}

/** Whether an aggregator is told by the sketch of a column, if there is one. */
const asksSketches = (query: NativeQuery): boolean =>
  'aggregations' in query &&
  query.aggregations.some(({ form }) => form?.kind === 'sketch' && form.plain !== null);

const NOTHING = new HyperLogLog();

/** The answer, once the sketches are in memory. */
export function answerBySketches(
  engine: ScanEngine,
  query: NativeQuery,
  { facts }: PlannedPart,
  { handle }: PinnedSegment,
): PartialResult {
  const segment = attachSegment(handle);
  const distinct = ({ column }: PlainInput): HyperLogLog | null => {
    const told = segment.index(column, KIND)?.sketch?.();
    return told?.kind === 'distinct' ? told.sketch : null;
  };
  const partial = engine.withoutScan(query, { ...facts, distinct });
  invariant(partial !== null, 'sketches that were found tell the answer');
  return partial;
}
