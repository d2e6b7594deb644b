import { deserialize, serialize } from 'node:v8';
import { atOnce, type Disk } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import { withValues } from '../compiler/decoder.js';
import {
  type DecodedPartial,
  type GroupDecoder,
  type GroupPartial,
  mergeGroups,
} from '../interpreter/group-partial.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { partialOfGroups } from './partial-of-groups.js';
import { readPieces, type SpillFile } from './spill-file.js';
import type { SpilledPieces } from './spilled.js';
import { chosenGroups, partitionedGroups, VALUE_PARTITIONS } from './value-partitions.js';

/**
 * Writes the groups of a partial, a piece for each partition: its buckets, keys and states as they would cross a thread, in V8's
 * form of it, which is exact for all that these may be.
 */
export function spillPartial(
  partial: GroupPartial,
  decoder: GroupDecoder | null,
  aggregations: readonly Aggregator[],
  file: SpillFile,
): SpilledPieces {
  const plain = withoutPieces(partial, decoder, aggregations);
  const { groups, ends } = partitionedGroups(plain);
  const pieces = Array.from(ends, (end, p) => {
    const start = p === 0 ? 0 : ends[p - 1]!;
    if (start === end) return NOTHING;
    const { groupCount, buckets, keys, states } = chosenGroups(plain, groups.subarray(start, end));
    const piece: Piece = { groupCount, buckets, keys, states };
    return serialize(piece);
  });
  let size = 0;
  const pieceEnds = Float64Array.from(pieces, ({ length }) => (size += length));
  return file.write(Buffer.concat(pieces, size), pieceEnds);
}

type Piece = Pick<GroupPartial, 'groupCount' | 'buckets' | 'keys' | 'states'>;

const NOTHING = new Uint8Array(0);

/** With values for codes, and with one state for each group. */
function withoutPieces(
  partial: GroupPartial,
  decoder: GroupDecoder | null,
  aggregations: readonly Aggregator[],
): GroupPartial {
  const hasPieces = partial.states.some((column) => 'groups' in column);
  if (!hasPieces) return decoder === null ? partial : withValues(partial, decoder);
  const { keys, groupCount } = partial;
  const parts = [{ partial, decoder }];
  const { table } = atOnce(mergeGroups(parts, keys.length, aggregations, 0, groupCount));
  return partialOfGroups(table, keys.length, aggregations, null);
}

/** The groups of partitions [from, to) as they were given, in that order. */
export function readPartials(
  disk: Disk,
  pieces: SpilledPieces,
  from: number,
  to: number,
): DecodedPartial[] {
  const bytes = readPieces(disk, pieces, from, to);
  const base = from === 0 ? 0 : pieces.ends[from - 1]!;
  const partials: DecodedPartial[] = [];
  let start = 0;
  for (let p = from; p < to; p++) {
    const end = pieces.ends[p]! - base;
    if (end > start) partials.push(decoded(bytes.subarray(start, end)));
    start = end;
  }
  return partials;
}

function decoded(bytes: Uint8Array): DecodedPartial {
  const piece = deserialize(bytes) as Piece;
  // A kernel may give a group twice: whoever merges must look.
  const rest = { visible: noVisibleTimes(0), rowsScanned: 0, compiled: true } as const;
  return { partial: { kind: 'groups', ...piece, ...rest }, decoder: null };
}

/** Partitions that are merged at a time, so many that what is read of them takes about `bytes`. */
export function pieceRanges(
  all: readonly SpilledPieces[],
  bytes: number,
): { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  let from = 0;
  let sum = 0;
  for (let p = 0; p < VALUE_PARTITIONS; p++) {
    const more = all.reduce((size, { ends }) => size + ends[p]! - (p === 0 ? 0 : ends[p - 1]!), 0);
    if (p > from && sum + more > bytes) {
      ranges.push({ from, to: p });
      from = p;
      sum = 0;
    }
    sum += more;
  }
  return [...ranges, { from, to: VALUE_PARTITIONS }];
}
