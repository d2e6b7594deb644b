import type { Value } from '../../model/index.js';
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
    const ordinalOf = new Map<number, number>();
    const values: Value[] = [];
    const ordinals = key.codes.map((code) => {
      const known = ordinalOf.get(code);
      if (known !== undefined) return known;
      ordinalOf.set(code, values.length);
      return values.push(decoder.value(dimension, code)) - 1;
    });
    return { kind: 'values', ordinals, values };
  });
  return { ...partial, keys };
}
