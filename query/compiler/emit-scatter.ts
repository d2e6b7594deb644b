import { PARTITION_BITS, PARTITIONS } from './group-blocks.js';
import { KernelBuilder } from './kernel-builder.js';
import { HASH_OFFSET } from './layout.js';
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
  set,
  shl,
  store,
  when,
} from './wasm/code.js';

/**
 * Copies entries [from, to) of `states` to `slots`, ordered by partition: counts those of each, adds the counts up,
 * and puts every entry behind those that came before it. `count` is where `PARTITIONS` numbers of 32 bits
 * are kept, all 0 at first, which say in the end where each partition ends.
 */
export function emitScatter(stride: number): KernelBuilder {
  const kernel = new KernelBuilder();
  const { row, from, to } = kernel;
  const [entry, place, end, sum] = ['entry', 'place', 'end', 'sum'].map((name) =>
    kernel.local(name, 'i32'),
  ) as [Local, Local, Local, Local];
  const [entries, into, ends] = [kernel.call('states'), kernel.call('slots'), kernel.call('count')];
  const hash = load('i32.load', get(entry), HASH_OFFSET);
  const partition = op('i32.shr_u', hash, i32(32 - PARTITION_BITS));
  const eachEntry = (body: readonly Code[]): Code =>
    when(op('i32.lt_u', get(from), get(to)), [
      set(row, get(from)),
      loop('entries', (next) => [
        set(entry, add(get(entries), op('i32.mul', get(row), i32(stride)))),
        set(end, add(get(ends), shl(partition, 2))),
        ...body,
        set(row, op('i32.add', get(row), i32(1))),
        brIf(next, op('i32.lt_u', get(row), get(to))),
      ]),
    ]);
  const old = load('i32.load', get(end));
  kernel.fn.body = [
    ...kernel.prologue,
    eachEntry([store('i32.store', get(end), op('i32.add', old, i32(1)))]),
    // Where each begins, which the next loop moves to where it ends.
    set(end, get(ends)),
    set(sum, i32(0)),
    loop('sums', (next) => [
      set(place, old),
      store('i32.store', get(end), get(sum)),
      set(sum, op('i32.add', get(sum), get(place))),
      set(end, op('i32.add', get(end), i32(4))),
      brIf(next, op('i32.lt_u', get(end), op('i32.add', get(ends), i32(4 * PARTITIONS)))),
    ]),
    eachEntry([
      set(place, add(get(into), op('i32.mul', old, i32(stride)))),
      store('i32.store', get(end), op('i32.add', old, i32(1))),
      ...Array.from({ length: stride / 8 }, (_, i) =>
        store('i64.store', get(place), load('i64.load', get(entry), 8 * i), 8 * i),
      ),
    ]),
    get(to),
  ];
  return kernel;
}
