import type { Segment } from '../../segments/index.js';
import type { GroupDecoder, GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { BaseQuery } from '../native/query.js';
import { Columns } from './columns.js';
import { type KeyPart, lowerDimension } from './keys.js';

export interface SegmentDecoder extends GroupDecoder {
  hasCodes(partial: GroupPartial): boolean;
}

/** Tells what the codes in partials of a segment stand for, while its columns are in memory. */
export function segmentDecoder(
  query: BaseQuery,
  plan: GroupPlan | null,
  open: () => Segment,
): SegmentDecoder {
  const keys: (KeyPart | null | undefined)[] = [];
  let columns: Columns | null = null;
  return {
    hasCodes: (partial) => partial.keys.some(({ kind }) => kind === 'codes'),
    value(dimension, code) {
      let key = keys[dimension];
      if (key === undefined) {
        columns ??= new Columns(open(), query.virtualColumns);
        key = lowerDimension(columns, plan!.dimensions[dimension]!, plan!);
        keys[dimension] = key;
      }
      return key?.kind === 'codes' ? key.value(code) : null;
    },
  };
}

/** The partial with values in place of codes. */
export function withValues(partial: GroupPartial, decoder: GroupDecoder): GroupPartial {
  const keys = partial.keys.map((key, dimension): KeyColumn => {
    if (key.kind !== 'codes') return key;
    const { ordinals, codes } = ordinalsOf(key.codes);
    const values = codes.map((code) => decoder.value(dimension, code));
    return { kind: 'values', ordinals, values };
  });
  return { ...partial, keys };
}

/** Codes by number, each once, and the numbers of some. */
function ordinalsOf(all: Uint32Array) {
  const ordinals = new Uint32Array(all.length);
  const codes: number[] = [];
  const known = knownOrdinals(all);
  for (let i = 0; i < all.length; i++) {
    const code = all[i]!;
    let ordinal = known.get(code);
    if (ordinal === undefined) {
      ordinal = codes.push(code) - 1;
      known.set(code, ordinal);
    }
    ordinals[i] = ordinal;
  }
  return { ordinals, codes };
}

/** A map for these codes: an array, where they are not much larger than many. */
function knownOrdinals(codes: Uint32Array) {
  let most = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i]! > most) most = codes[i]!;
  if (most > 4 * codes.length + 1024) return new Map<number, number>();
  const places = new Uint32Array(most + 1);
  return {
    get: (code: number) => (places[code] === 0 ? undefined : places[code]! - 1),
    set(code: number, ordinal: number) {
      places[code] = ordinal + 1;
    },
  };
}
