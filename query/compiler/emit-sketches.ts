import type { Cell } from './aggregates.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { SketchKind } from './sketch-kinds.js';
import { FIRST_LG_SLOTS, LG_GROWTH } from './sketch-room.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  i64,
  type Local,
  load,
  loop,
  op,
  select,
  set,
  shl,
  store,
  when,
} from './wasm/code.js';

/** Writes how an entry is added to the sketch whose word is in a cell (`sketch-room.ts`). */
export function addToSketch(
  kernel: KernelBuilder,
  kind: SketchKind,
  entry: Local,
  cell: Cell,
): Code[] {
  return new SketchCode(kernel, kind).add(entry, cell);
}

/** Writes that a sketch begins with a table of `2 ** lgSlots` slots, instead of the smallest one. */
export const beginSketch = (
  kernel: KernelBuilder,
  kind: SketchKind,
  lgSlots: Local,
  cell: Cell,
): Code[] => new SketchCode(kernel, kind).begin(lgSlots, cell);

const ONE_ENTRY = 2n ** 32n;
const ONE_LG = 2n ** 48n;
const LARGER = BigInt(LG_GROWTH) * ONE_LG;
const HIGH_BITS = -(2n ** 32n);

class SketchCode {
  readonly #word: Local;
  /** Of the table, or the registers. */
  readonly #start: Local;
  readonly #slots: Local;
  readonly #slot: Local;
  /** Where a probe ended, and what is there. */
  readonly #at: Local;
  readonly #found: Local;
  /** The entries of the table that is left behind. */
  readonly #old: Local;
  readonly #oldEnd: Local;
  readonly #moved: Local;
  /** Where the room that is free begins. */
  readonly #next: Local;

  constructor(
    kernel: KernelBuilder,
    private readonly kind: SketchKind,
  ) {
    const local = (name: string): Local => kernel.local(name, 'i32');
    this.#word = kernel.local('sketch', 'i64');
    this.#start = local('sketchStart');
    this.#slots = local('sketchSlots');
    this.#slot = local('sketchSlot');
    this.#at = local('entryAt');
    this.#found = local('entryFound');
    this.#old = local('oldEntry');
    this.#oldEnd = local('oldEnd');
    this.#moved = local('moved');
    this.#next = kernel.call('sketchNext');
  }

  add(entry: Local, cell: Cell): Code[] {
    const word = get(this.#word);
    return [
      set(this.#word, cell.read()),
      when(op('i64.eqz', word), this.#firstTable()),
      set(this.#start, op('i32.wrap_i64', word)),
      when(
        op('i64.lt_s', word, i64(0n)),
        this.#raise(entry, cell.isOnly),
        this.#insert(entry, cell),
      ),
    ];
  }

  begin(lgSlots: Local, cell: Cell): Code[] {
    const lg = op('i64.extend_i32_u', get(lgSlots));
    return [
      ...this.#take(op('i32.shl', i32(4), get(lgSlots))),
      cell.write(op('i64.or', this.#startBits(), op('i64.shl', lg, i64(48n)))),
    ];
  }

  #insert(entry: Local, cell: Cell): Code[] {
    const [word, found] = [get(this.#word), get(this.#found)];
    const lgSlots = op('i32.wrap_i64', op('i64.shr_u', word, i64(48n)));
    const count = op('i32.and', op('i32.wrap_i64', op('i64.shr_u', word, i64(32n))), i32(0xffff));
    return [
      set(this.#slots, op('i32.shl', i32(1), lgSlots)),
      ...this.#find(entry),
      // Of two that are for one place the larger one stays: its rank is higher.
      when(op('i32.gt_u', get(entry), found), [store('i32.store', get(this.#at), get(entry))]),
      when(op('i32.eqz', found), [
        set(this.#word, op('i64.add', word, i64(ONE_ENTRY))),
        when(op('i32.gt_u', count, i32(this.kind.limit)), this.#registers(), [
          when(op('i32.gt_u', shl(count, 1), get(this.#slots)), this.#largerTable()),
        ]),
        cell.write(word),
      ]),
    ];
  }

  /** Probes for the slot of the entry's bucket, or one that is free for it. */
  #find(entry: Local): Code[] {
    const [at, found, slot] = [get(this.#at), get(this.#found), get(this.#slot)];
    const mask = op('i32.sub', get(this.#slots), i32(1));
    const spare = op('i32.add', op('i32.clz', get(this.#slots)), i32(1));
    return [
      // The high bits: entries lie nearly as they are sorted.
      set(this.#slot, op('i32.shr_u', this.kind.spread(get(entry)), spare)),
      block('found', (end) => [
        loop('probe', (next) => [
          set(this.#at, add(get(this.#start), shl(op('i32.and', slot, mask), 2))),
          set(this.#found, load('i32.load', at)),
          brIf(end, op('i32.eqz', found)),
          brIf(end, this.kind.areOne(found, get(entry))),
          set(this.#slot, op('i32.add', slot, i32(1))),
          br(next),
        ]),
      ]),
    ];
  }

  /** Of one group alone hardly any row raises a rank, and a branch that is foreseen costs less than a store. */
  #raise(entry: Local, isForeseen: boolean): Code[] {
    const at = get(this.#at);
    const { kind } = this;
    const rank = kind.rank(get(entry));
    const register = op('i32.and', kind.register(get(entry)), i32(2 ** kind.lgRegisters - 1));
    const before = load('i32.load8_u', at);
    return [
      set(this.#at, add(get(this.#start), register)),
      isForeseen
        ? when(op('i32.lt_u', before, rank), [store('i32.store8', at, rank)])
        : store('i32.store8', at, select(before, rank, op('i32.gt_u', before, rank))),
    ];
  }

  #firstTable(): Code[] {
    const start = get(this.#next);
    return [
      store('i64.store', start, i64(0n)),
      store('i64.store', start, i64(0n), 8),
      set(this.#start, start),
      set(this.#next, add(start, i32(4 * 2 ** FIRST_LG_SLOTS))),
      set(this.#word, op('i64.or', this.#startBits(), i64(BigInt(FIRST_LG_SLOTS) * ONE_LG))),
    ];
  }

  #largerTable(): Code[] {
    const [slots, word] = [get(this.#slots), get(this.#word)];
    const counts = op('i64.and', word, i64(HIGH_BITS));
    return [
      ...this.#leave(),
      set(this.#slots, shl(slots, LG_GROWTH)),
      ...this.#take(shl(slots, 2)),
      ...this.#eachMoved([
        ...this.#find(this.#moved),
        store('i32.store', get(this.#at), get(this.#moved)),
      ]),
      set(this.#word, op('i64.add', op('i64.or', counts, this.#startBits()), i64(LARGER))),
    ];
  }

  #registers(): Code[] {
    return [
      ...this.#leave(),
      ...this.#take(i32(2 ** this.kind.lgRegisters)),
      ...this.#eachMoved(this.#raise(this.#moved, false)),
      set(this.#word, op('i64.or', this.#startBits(), i64(HIGH_BITS))),
    ];
  }

  #leave(): Code[] {
    const end = add(get(this.#start), shl(get(this.#slots), 2));
    return [set(this.#old, get(this.#start)), set(this.#oldEnd, end)];
  }

  /** Begins at so many bytes of free room, which are 0 then. */
  #take(bytes: Code): Code[] {
    return [
      set(this.#start, get(this.#next)),
      op('memory.fill', get(this.#start), i32(0), bytes),
      set(this.#next, add(get(this.#next), bytes)),
    ];
  }

  #eachMoved(body: readonly Code[]): Code[] {
    return [
      loop('moving', (next) => [
        set(this.#moved, load('i32.load', get(this.#old))),
        when(get(this.#moved), body),
        set(this.#old, op('i32.add', get(this.#old), i32(4))),
        brIf(next, op('i32.lt_u', get(this.#old), get(this.#oldEnd))),
      ]),
    ];
  }

  #startBits(): Code {
    return op('i64.extend_i32_u', get(this.#start));
  }
}
