import { InternalError } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { KeyColumn } from '../interpreter/group-partial.js';
import type { WordForm } from '../interpreter/word-ordinals.js';
import type { KeyPart } from './keys.js';
import type { Layout } from './layout.js';
import { longAt } from './long-at.js';
import { NumberList } from './number-list.js';
import type { CallKey } from './row-runs.js';

/** Values of dimensions with more codes than this are left to whoever merges the partials. */
const MAX_DECODED = 1024;

/** The code at a place in a 64-bit word, by the word's halves. */
export function codeIn(low: number, high: number, { shift, mask }: CodePlace): number {
  const moved =
    shift === 0
      ? low
      : shift < 32
        ? (low >>> shift) | (high << (32 - shift))
        : high >>> (shift - 32);
  return (moved & mask) >>> 0;
}

/** Collects one dimension. */
export interface KeyOutput {
  /** By code. */
  add(code: number): void;
  /** From the key of an entry, or from its call. */
  addHashed(view: DataView, at: number, call: number): void;
  column(): KeyColumn;
}

export function keyOutput(
  key: KeyPart,
  part: number,
  layout: Layout,
  calls: readonly CallKey[],
): KeyOutput {
  switch (key.kind) {
    case 'constant':
      return new ValueOutput(
        1,
        () => key.value,
        () => 0,
      );
    case 'call': {
      const { kind, hasBuckets } = layout.callKeys;
      const told = callWordOffset(layout, (hasBuckets ? 1 : 0) + key.part);
      if (kind === 'values' && told >= 0) return new WordOutput(LONGS, told, null);
      return new ValueOutput(
        calls.length,
        (call) => calls[call]!.values[key.part]!,
        (_view, _at, call) => call,
      );
    }
    case 'number': {
      const offset = wordOffset(part, layout);
      const valid = key.num.valid === null ? null : codeReader(part, layout);
      return key.shows === 'anything'
        ? new CastOutput(key, offset, valid)
        : new WordOutput({ type: key.num.type, asText: key.shows === 'text' }, offset, valid);
    }
    default: {
      const read = codeReader(part, layout);
      return key.kind === 'codes' && key.isDistinct && key.size > MAX_DECODED
        ? new CodeOutput(read)
        : new ValueOutput(key.size, key.value, read);
    }
  }
}

type CodeReader = (view: DataView, at: number, call: number) => number;

/** Bits of a 64-bit word of an entry, 32 at most. */
export interface CodePlace {
  readonly offset: number;
  readonly shift: number;
  /** The bits that count, when they are moved down. */
  readonly mask: number;
}

/** Where in an entry of a hash table the code of a part lies; null in other tables. */
export function codePlace(part: number, layout: Layout): CodePlace | null {
  for (const [i, word] of layout.words.entries()) {
    if (word.kind !== 'packed') continue;
    const piece = word.pieces.find((each) => each.part === part);
    if (piece === undefined) continue;
    const { shift, bits } = piece;
    return { shift, mask: bits === 32 ? -1 : 2 ** bits - 1, offset: layout.wordOffsets[i]! };
  }
  return null;
}

export function codeReader(part: number, layout: Layout): CodeReader {
  const place = codePlace(part, layout);
  if (place === null) return () => 0;
  const { offset } = place;
  return (view, at) =>
    codeIn(view.getUint32(at + offset, true), view.getUint32(at + offset + 4, true), place);
}

class CodeOutput implements KeyOutput {
  readonly #codes = new NumberList();

  constructor(private readonly read: CodeReader) {}

  add(code: number): void {
    this.#codes.push(code);
  }

  addHashed(view: DataView, at: number, call: number): void {
    this.#codes.push(this.read(view, at, call));
  }

  column(): KeyColumn {
    return { kind: 'codes', codes: Uint32Array.from(this.#codes.values) };
  }
}

/** Values are told once for each code. */
class ValueOutput implements KeyOutput {
  readonly #ordinals = new NumberList();
  readonly #values: Value[] = [];
  readonly #ordinalOf: Int32Array;

  constructor(
    size: number,
    private readonly valueOfCode: (code: number) => Value,
    private readonly read: CodeReader,
  ) {
    this.#ordinalOf = new Int32Array(size).fill(-1);
  }

  add(code: number): void {
    let ordinal = this.#ordinalOf[code]!;
    if (ordinal < 0) {
      ordinal = this.#values.push(this.valueOfCode(code)) - 1;
      this.#ordinalOf[code] = ordinal;
    }
    this.#ordinals.push(ordinal);
  }

  addHashed(view: DataView, at: number, call: number): void {
    this.add(this.read(view, at, call));
  }

  column(): KeyColumn {
    const ordinals = Uint32Array.from(this.#ordinals.values);
    return { kind: 'values', ordinals, values: this.#values };
  }
}

/** Numbers of which values are made: of every group one. */
class CastOutput implements KeyOutput {
  readonly #values: Value[] = [];

  constructor(
    private readonly key: NumberPart,
    private readonly offset: number,
    private readonly valid: CodeReader | null,
  ) {}

  add(): void {
    throw new InternalError('numbers are no positions of an array');
  }

  addHashed(view: DataView, at: number, call: number): void {
    const { num, value } = this.key;
    const isNull = this.valid !== null && this.valid(view, at, call) === 0;
    if (isNull) this.#values.push(value(null));
    else if (num.type === 'LONG') this.#values.push(value(longAt(view, at + this.offset)));
    else this.#values.push(value(view.getFloat64(at + this.offset, true)));
  }

  column(): KeyColumn {
    const values = this.#values;
    return { kind: 'values', ordinals: Uint32Array.from(values, (_, i) => i), values };
  }
}

const LONGS: WordForm = { type: 'LONG', asText: false };

/** Numbers as they are, or to be shown as text. */
class WordOutput implements KeyOutput {
  readonly #lows = new NumberList();
  readonly #highs = new NumberList();
  readonly #nulls = new NumberList();

  constructor(
    private readonly form: WordForm,
    private readonly offset: number,
    private readonly valid: CodeReader | null,
  ) {}

  add(): void {
    throw new InternalError('numbers are no positions of an array');
  }

  addHashed(view: DataView, at: number, call: number): void {
    this.#lows.push(view.getUint32(at + this.offset, true));
    this.#highs.push(view.getUint32(at + this.offset + 4, true));
    if (this.valid !== null) this.#nulls.push(1 - this.valid(view, at, call));
  }

  column(): KeyColumn {
    const [lows, highs] = [this.#lows.values, this.#highs.values];
    const words = new Uint32Array(2 * lows.length);
    for (let i = 0; i < lows.length; i++) {
      words[2 * i] = lows[i]!;
      words[2 * i + 1] = highs[i]!;
    }
    const nulls = this.valid === null ? null : Uint8Array.from(this.#nulls.values);
    return { kind: 'words', form: this.form, words, nulls };
  }
}

type NumberPart = Extract<KeyPart, { kind: 'number' }>;

/** Where in an entry of a hash table the word of a number lies; -1 in other tables. */
export function wordOffset(part: number, layout: Layout): number {
  const word = layout.words.findIndex((each) => each.kind === 'number' && each.part === part);
  return layout.wordOffsets[word] ?? -1;
}

/** Where in an entry of a hash table a word of the call lies; -1 where there is none. */
export function callWordOffset(layout: Layout, index: number): number {
  const word = layout.words.findIndex((each) => each.kind === 'call' && each.index === index);
  return layout.wordOffsets[word] ?? -1;
}
