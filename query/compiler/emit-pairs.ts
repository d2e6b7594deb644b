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
    isOnly: false,
  };
  const lgSlots = kernel.local('lgSlots', 'i32');
  const most = i32(mostLgSlots(kind));
  const last = op('i32.sub', op('i32.shr_u', op('i32.sub', get(to), get(from)), i32(2)), i32(1));
  const steps = addToSketch(kernel, kind, entry, cell);
  kernel.fn.body = [
    ...kernel.prologue,
    // Half of the slots are enough for all entries: a table does not grow, and what is cleared and read is in proportion.
    set(lgSlots, op('i32.sub', i32(33), op('i32.clz', last))),
    set(lgSlots, select(get(lgSlots), most, op('i32.lt_u', get(lgSlots), most))),
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
