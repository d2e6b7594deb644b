import { hashOf } from './emit-hash.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { Num } from './numbers.js';
import { PAIR_BYTES } from './pairs.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  load,
  loop,
  op,
  set,
  store,
  when,
} from './wasm/code.js';

/** Keeps a number of the current row for a group, unless it is there. `key` names group and aggregator. */
export function addPair(kernel: KernelBuilder, num: Num, named: Code): Code[] {
  const [key, hash, slot, at] = [
    kernel.local('pairKey', 'i32'),
    kernel.local('pairHash', 'i32'),
    kernel.local('pairSlot', 'i32'),
    kernel.local('pair', 'i32'),
  ];
  const bits = kernel.local('bits', 'i64');
  const mask = get(kernel.call('pairsMask'));
  const value = num.value(kernel);
  const isSame = op(
    'i32.and',
    op('i32.eq', load('i32.load', get(at)), get(key)),
    op('i64.eq', load('i64.load', get(at), 8), get(bits)),
  );
  const count = kernel.call('pairsCount');
  return [
    set(key, named),
    set(bits, num.type === 'LONG' ? value : op('i64.reinterpret_f64', value)),
    set(hash, op('i32.add', hashOf([bits]), op('i32.mul', get(key), i32(PAIR_MIX)))),
    set(slot, op('i32.and', get(hash), mask)),
    block('kept', (kept) => [
      loop('pairProbe', (probe) => [
        set(at, add(get(kernel.call('pairs')), op('i32.mul', get(slot), i32(PAIR_BYTES)))),
        when(op('i32.eqz', load('i32.load', get(at))), [
          store('i32.store', get(at), get(key)),
          store('i32.store', get(at), get(hash), 4),
          store('i64.store', get(at), get(bits), 8),
          set(count, op('i32.add', get(count), i32(1))),
          br(kept),
        ]),
        brIf(kept, isSame),
        set(slot, op('i32.and', op('i32.add', get(slot), i32(1)), mask)),
        br(probe),
      ]),
    ]),
  ];
}

/** Any odd number with bits all over. */
const PAIR_MIX = 0x85ebca6b;
