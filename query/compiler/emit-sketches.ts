import { DEFAULT_LG_K, RANK_BITS, sparseLimit } from '../../sketches/index.js';
import type { Cell } from './aggregates.js';
import type { KernelBuilder } from './kernel-builder.js';
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, ENTRY_BITS, SKETCH_MIX } from './sketch-table.js';
import {
  add,
  block,
  br,
  type Code,
  get,
  i32,
  i64,
  type Local,
  load,
  loop,
  op,
  set,
  shl,
  store,
  when,
} from './wasm/code.js';

/** Adds an entry to the sketch whose word is in `cell` (`sketch-table.ts`). */
export function addToSketch(kernel: KernelBuilder, entry: Local, cell: Cell): Code[] {
  const word = kernel.local('sketch', 'i64');
  return [
    set(word, cell.read()),
    when(
      op('i64.lt_s', get(word), i64(0n)),
      raise(kernel, entry, word),
      insert(kernel, entry, word, cell),
    ),
  ];
}

/** In registers. */
function raise(kernel: KernelBuilder, entry: Local, word: Local): Code[] {
  const register = kernel.local('register', 'i32');
  const rank = op('i32.and', get(entry), i32(2 ** RANK_BITS - 1));
  const bucket = op('i32.and', bucketOf(entry), i32(2 ** DEFAULT_LG_K - 1));
  return [
    set(register, add(op('i32.wrap_i64', get(word)), bucket)),
    when(op('i32.lt_u', load('i32.load8_u', get(register)), rank), [
      store('i32.store8', get(register), rank),
    ]),
  ];
}

/** In the table of entries, at most one for each bucket. */
function insert(kernel: KernelBuilder, entry: Local, word: Local, cell: Cell): Code[] {
  const [id, slot, at] = [
    kernel.local('sketchId', 'i32'),
    kernel.local('entrySlot', 'i32'),
    kernel.local('entryAt', 'i32'),
  ];
  const mask = get(kernel.call('entriesMask'));
  const found = load('i32.load', get(at), 4);
  // Buckets are above the ranks.
  const isSameBucket = op('i32.lt_u', op('i32.xor', found, get(entry)), i32(2 ** RANK_BITS));
  const isSame = op('i32.and', op('i32.eq', load('i32.load', get(at)), get(id)), isSameBucket);
  const hash = op('i32.xor', bucketOf(entry), op('i32.mul', get(id), i32(SKETCH_MIX)));
  return [
    when(op('i64.eqz', get(word)), newSketch(kernel, word)),
    set(id, op('i32.wrap_i64', get(word))),
    set(slot, op('i32.and', hash, mask)),
    block('kept', (kept) => [
      loop('entryProbe', (probe) => [
        set(at, add(get(kernel.call('entries')), shl(get(slot), ENTRY_BITS))),
        when(op('i32.eqz', load('i32.load', get(at))), [
          store('i32.store', get(at), get(id)),
          store('i32.store', get(at), get(entry), 4),
          ...counted(kernel, id, word),
          cell.write(get(word)),
          br(kept),
        ]),
        when(isSame, [
          when(op('i32.gt_u', get(entry), found), [store('i32.store', get(at), get(entry), 4)]),
          br(kept),
        ]),
        set(slot, op('i32.and', op('i32.add', get(slot), i32(1)), mask)),
        br(probe),
      ]),
    ]),
  ];
}

const bucketOf = (entry: Local): Code => op('i32.shr_u', get(entry), i32(RANK_BITS));

/** Sketches are numbered from 1 on. */
function newSketch(kernel: KernelBuilder, word: Local): Code[] {
  const count = kernel.call('sketchCount');
  return [
    set(count, op('i32.add', get(count), i32(1))),
    set(word, op('i64.extend_i32_u', get(count))),
  ];
}

/** One entry more; registers for more than may be, as long as there is room for any. */
function counted(kernel: KernelBuilder, id: Local, word: Local): Code[] {
  const [count, next] = [kernel.call('entryCount'), kernel.call('nextRegisters')];
  const ofSketch = op('i32.wrap_i64', op('i64.shr_u', get(word), i64(32n)));
  const end = add(get(next), i32(BLOCK_BYTES));
  const address = op('i64.extend_i32_u', add(get(next), i32(BLOCK_HEADER_BYTES)));
  return [
    set(count, op('i32.add', get(count), i32(1))),
    set(word, op('i64.add', get(word), i64(2n ** 32n))),
    when(
      op(
        'i32.and',
        op('i32.gt_u', ofSketch, i32(sparseLimit(DEFAULT_LG_K))),
        op('i32.le_u', end, get(kernel.call('registersEnd'))),
      ),
      [
        op('memory.fill', get(next), i32(0), i32(BLOCK_BYTES)),
        store('i32.store', get(next), get(id)),
        set(word, op('i64.or', address, i64(-(2n ** 32n)))),
        set(next, end),
      ],
    ),
  ];
}
