import type { Aggregate } from './aggregates.js';
import { emitKernel } from './emit.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { KeyPart } from './keys.js';
import type { Layout } from './layout.js';
import { ALWAYS } from './tests.js';
import { add, type Code, get, i32, load, op } from './wasm/code.js';

/**
 * Merging is grouping once more: the rows are entries of hash tables that lie at an address, the key is
 * their words, and what is folded are their fields. The groups that come out have the layout that went in.
 */
export function emitMerge(
  aggregates: readonly Aggregate[],
  layout: Layout,
  address: number,
): KernelBuilder {
  const entry = (kernel: KernelBuilder): Code =>
    add(get(kernel.constant('i32', address)), op('i32.mul', get(kernel.row), i32(layout.stride)));
  return emitKernel({
    filter: ALWAYS,
    keys: layout.wordOffsets.map((offset) => wordPart(entry, offset)),
    aggregates: aggregates.map((aggregate, i) =>
      folded(aggregate, entry, layout.fieldOffsets[i]!, layout.flags[i]!),
    ),
    layout: mergeLayout(layout),
  });
}

/** Of entries that are merged: as many words, at the same places, each a part of the key by itself. */
export const mergeLayout = (layout: Layout): Layout => ({
  ...layout,
  words: layout.words.map((_, part) => ({ kind: 'number', part })),
  groupsPerBlock: 64,
});

type Entry = (kernel: KernelBuilder) => Code;

const wordPart = (entry: Entry, offset: number): KeyPart => ({
  kind: 'number',
  num: {
    type: 'LONG',
    value: (kernel) => load('i64.load', entry(kernel), offset),
    valid: null,
  },
  shows: 'number',
  value: (number) => number,
});

function folded(aggregate: Aggregate, entry: Entry, offset: number, flag: number): Aggregate {
  const { field, combine } = aggregate;
  const seen: Aggregate['valid'] = (kernel) =>
    op('i32.ne', op('i32.and', load('i32.load', entry(kernel)), i32(flag)), i32(0));
  return {
    ...aggregate,
    filter: ALWAYS,
    valid: flag === 0 ? null : seen,
    isCount: false,
    update(kernel, cell) {
      if (field === null) return [];
      const other = load(`${field.kind}.load`, entry(kernel), offset);
      return [cell.write(combine!(kernel, cell.read(), other))];
    },
  };
}
