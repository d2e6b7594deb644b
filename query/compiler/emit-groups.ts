import type { Aggregate } from './aggregates.js';
import { hashOf } from './emit-hash.js';
import { SLOT_BITS, SLOT_NUMBER } from './hash-groups.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { KeyPart } from './keys.js';
import { HASH_OFFSET, type KeyWord, type Layout } from './layout.js';
import { bitsOf, plainBits, validCode } from './numbers.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  f64,
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

/** What a group is found by and made of. */
export interface GroupShape {
  readonly keys: readonly KeyPart[];
  readonly aggregates: readonly Aggregate[];
  readonly layout: Layout;
}

/** Writes how the group of a row is found: its address. */
export class GroupFinder {
  readonly #kernel: KernelBuilder;
  readonly #group: Local;
  /** Of a hash table: the number of the group. */
  readonly #number: Local;

  constructor(
    private readonly plan: GroupShape,
    kernel: KernelBuilder,
    group: Local,
  ) {
    this.#kernel = kernel;
    this.#group = group;
    this.#number = kernel.local('number', 'i32');
  }

  /** By the codes of the key's parts; null for a part that has none. */
  find(codes: readonly (Code | null)[]): Code[] {
    return this.plan.layout.strategy === 'dense' ? this.#denseGroup(codes) : this.#hashGroup(codes);
  }

  #denseGroup(codes: readonly (Code | null)[]): Code[] {
    const { keys, layout } = this.plan;
    let index: Code | null = null;
    for (const [part, code] of codes.entries()) {
      if (code === null) continue;
      const key = keys[part] as Extract<KeyPart, { readonly size: number }>;
      const before: Code | null = index;
      index = before === null ? code : op('i32.add', op('i32.mul', before, i32(key.size)), code);
    }
    const states = get(this.#kernel.call('states'));
    const number = index ?? i32(0);
    return [set(this.#group, add(states, op('i32.mul', number, i32(layout.stride))))];
  }

  /** A slot that is not free tells the hash and the number of a group; probing goes on to the next slot. */
  #hashGroup(codes: readonly (Code | null)[]): Code[] {
    const kernel = this.#kernel;
    const { words, stride } = this.plan.layout;
    const locals = words.map(() => kernel.local('word', 'i64'));
    const [hash, slot, at] = [
      kernel.local('hash', 'i32'),
      kernel.local('slot', 'i32'),
      kernel.local('at', 'i32'),
    ];
    const mask = get(kernel.call('mask'));
    const entries = get(kernel.call('states'));
    const entry = add(entries, op('i32.mul', get(this.#number), i32(stride)));
    return [
      ...words.map((word, i) => set(locals[i]!, this.#word(word, codes))),
      set(hash, hashOf(locals)),
      set(slot, op('i32.and', get(hash), mask)),
      block('found', (found) => [
        loop('probe', (probe) => [
          set(at, add(get(kernel.call('slots')), shl(get(slot), SLOT_BITS))),
          set(this.#number, op('i32.sub', load('i32.load', get(at), SLOT_NUMBER), i32(1))),
          set(this.#group, entry),
          when(op('i32.lt_s', get(this.#number), i32(0)), [
            ...this.#newGroup(locals, hash, at),
            br(found),
          ]),
          when(op('i32.eq', load('i32.load', get(at)), get(hash)), [
            brIf(found, this.#isSameKey(locals)),
          ]),
          set(slot, op('i32.and', op('i32.add', get(slot), i32(1)), mask)),
          br(probe),
        ]),
      ]),
    ];
  }

  #word(word: KeyWord, codes: readonly (Code | null)[]): Code {
    const kernel = this.#kernel;
    if (word.kind === 'call') return get(kernel.callWord(word.index));
    if (word.kind === 'number') {
      const { num, shows } = this.plan.keys[word.part] as Extract<KeyPart, { kind: 'number' }>;
      const bits = shows === 'number' ? plainBits(kernel, num) : bitsOf(kernel, num);
      // A null has no bits of its own: whatever lies there must not tell groups apart.
      return num.valid === null
        ? bits
        : op('i64.mul', bits, op('i64.extend_i32_u', num.valid(kernel)));
    }
    return word.pieces.reduce<Code | null>((all, { part, shift }) => {
      const key = this.plan.keys[part]!;
      const code = key.kind === 'number' ? validCode(key.num, kernel) : codes[part]!;
      const wide = op('i64.extend_i32_u', code);
      const placed = shift === 0 ? wide : op('i64.shl', wide, i64(BigInt(shift)));
      return all === null ? placed : op('i64.or', all, placed);
    }, null)!;
  }

  /** Groups are numbered in the order in which they come, and lie in that order. */
  #newGroup(words: readonly Local[], hash: Local, slot: Local): Code[] {
    const kernel = this.#kernel;
    const { wordOffsets, fieldOffsets, stride } = this.plan.layout;
    const group = get(this.#group);
    const count = get(kernel.call('count'));
    return [
      set(this.#number, count),
      set(this.#group, add(get(kernel.call('states')), op('i32.mul', count, i32(stride)))),
      set(kernel.call('count'), op('i32.add', count, i32(1))),
      store('i32.store', get(slot), get(hash)),
      store('i32.store', get(slot), get(kernel.call('count')), SLOT_NUMBER),
      store('i32.store', group, i32(1)),
      store('i32.store', group, get(hash), HASH_OFFSET),
      ...words.map((word, i) => store('i64.store', group, get(word), wordOffsets[i]!)),
      ...this.plan.aggregates.flatMap(({ field }, i) =>
        field === null ? [] : [initialField(group, field, fieldOffsets[i]!)],
      ),
    ];
  }

  #isSameKey(words: readonly Local[]): Code {
    const { wordOffsets } = this.plan.layout;
    return words
      .map((word, i) =>
        op('i64.eq', load('i64.load', get(this.#group), wordOffsets[i]!), get(word)),
      )
      .reduce((a, b) => op('i32.and', a, b), i32(1));
  }
}

const initialField = (
  group: Code,
  { kind, initial }: NonNullable<Aggregate['field']>,
  offset: number,
): Code =>
  kind === 'i64'
    ? store('i64.store', group, i64(BigInt(initial)), offset)
    : store('f64.store', group, f64(Number(initial)), offset);
