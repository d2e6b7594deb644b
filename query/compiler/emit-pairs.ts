import type { Cell } from './aggregates.js';
import { addToSketch, beginSketch } from './emit-sketches.js';
import { KernelBuilder } from './kernel-builder.js';
import type { SketchKind } from './sketch-kinds.js';
import { mostLgSlots } from './sketch-room.js';
import {
  add,
  brIf,
  type Code,
  get,
  i32,
  type Local,
  load,
  loop,
  op,
  select,
  set,
  store,
} from './wasm/code.js';

/** Of a field's address and an entry, u32 each. */
export const PAIR_BYTES = 8;

/** Of the table that a sketch begins with: of few entries, and of more than half as many. */
const FEW_LG_SLOTS = 8;
const MANY_LG_SLOTS = 10;

/** Writes how an entry is put down for the field at an address, which counts them (`pair-room.ts`). */
export function putDownPair(kernel: KernelBuilder, entry: Local, field: Code): Code[] {
  const next = kernel.call('sketchNext');
  const at = kernel.local('fieldAt', 'i32');
  return [
    set(at, field),
    store('i32.store', get(next), get(at)),
    store('i32.store', get(next), get(entry), 4),
    set(next, add(get(next), i32(PAIR_BYTES))),
    store('i32.store', get(at), op('i32.add', load('i32.load', get(at)), i32(1))),
  ];
}

/**
 * Folds the entries that lie from one address to another, one at least, into one sketch, whose tables begin at
 * `sketchNext`, and stores its word (`sketch-room.ts`) at `states`.
 */
export function emitFold(kind: SketchKind): KernelBuilder {
  const kernel = new KernelBuilder();
  const { from, to } = kernel;
  const [entry, word] = [kernel.local('entry', 'i32'), kernel.local('folded', 'i64')];
  const cell: Cell = {
    read: () => get(word),
    write: (value) => set(word, value),
    address: null,
  };
  const lgSlots = kernel.local('lgSlots', 'i32');
  const bytes = op('i32.sub', get(to), get(from));
  // A table that takes all of them does not grow, but one for very many takes longer to clear.
  const few = i32(Math.min(FEW_LG_SLOTS, mostLgSlots(kind)));
  const many = i32(Math.min(MANY_LG_SLOTS, mostLgSlots(kind)));
  const steps = addToSketch(kernel, kind, entry, cell);
  kernel.fn.body = [
    ...kernel.prologue,
    set(lgSlots, select(few, many, op('i32.le_u', bytes, i32(2 * 2 ** FEW_LG_SLOTS)))),
    ...beginSketch(kernel, kind, lgSlots, cell),
    loop('entries', (next) => [
      set(entry, load('i32.load', get(from))),
      ...steps,
      set(from, op('i32.add', get(from), i32(4))),
      brIf(next, op('i32.lt_u', get(from), get(to))),
    ]),
    store('i64.store', get(kernel.call('states')), get(word)),
    get(to),
  ];
  return kernel;
}
