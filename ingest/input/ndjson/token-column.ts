import { Room } from '../../../core/index.js';
import { ABSENT, DOUBLE, LONG, NULL, OTHER, TEXT, TIME, WIDE } from './tags.js';
import type { TextDictionary } from './text-dictionary.js';
import { timeText } from './time-form.js';

/** Values of FALSE_ID and TRUE_ID. */
export const OTHERS_ALWAYS_THERE: readonly unknown[] = [undefined, false, true];

/** The arrays of a token column; an entry per row each, but for those that its tags do not ask for: they are empty. */
export interface TokenArrays {
  /** Of each entry, one of tags.ts. */
  readonly tags: Uint8Array;
  /** Of TEXT, OTHER and TIME. */
  readonly ids: Uint32Array;
  /** Of LONG, WIDE, DOUBLE and TIME: 8 bytes each, seen in three ways. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly dictionary: TextDictionary;
  /** Values by the ids of OTHER entries. */
  readonly others: readonly unknown[];
  /** For what is made of the words; nothing else has it while the column is in use. */
  readonly room?: Room;
}

/** One field of a batch as the tokenizer gives it: typed arrays, and values only when they are asked for. */
export class TokenColumn {
  readonly tags: Uint8Array;
  readonly ids: Uint32Array;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly doubles: Float64Array;
  readonly dictionary: TextDictionary;
  readonly others: readonly unknown[];
  readonly #room: Room;
  #longs: BigInt64Array | null = null;
  #values: unknown[] | null = null;

  constructor(
    /** All tags that occur, or-ed. */
    readonly mask: number,
    { tags, ids, words, dictionary, others, room = new Room() }: TokenArrays,
  ) {
    this.tags = tags;
    this.ids = ids;
    this.words = words;
    this.doubles = new Float64Array(words.buffer, words.byteOffset, words.length / 2);
    this.dictionary = dictionary;
    this.others = others;
    this.#room = room;
  }

  get length(): number {
    return this.tags.length;
  }

  /** True when no other tags than `allowed` occur, beside NULL and ABSENT. */
  hasOnly(allowed: number): boolean {
    return (this.mask & ~(allowed | NULL | ABSENT)) === 0;
  }

  /** True when all other values are booleans. */
  get hasOnlyBooleans(): boolean {
    return this.others.length <= OTHERS_ALWAYS_THERE.length;
  }

  get hasNulls(): boolean {
    return (this.mask & (NULL | ABSENT)) !== 0;
  }

  /** The value of a row as `parseJson` gives it; undefined where the field is absent. */
  value(row: number): unknown {
    switch (this.tags[row]) {
      case TEXT:
        return this.dictionary.value(this.ids[row]!);
      case LONG:
      case DOUBLE:
        return this.doubles[row];
      case WIDE:
        this.#longs ??= longsOf(this.words);
        return this.#longs[row];
      case OTHER:
        return this.others[this.ids[row]!];
      case TIME:
        return timeText(this.doubles[row]!, this.ids[row]!);
      case NULL:
        return null;
      default:
        return undefined;
    }
  }

  /** All entries as integers of 64 bits, two words each; those that are neither LONG nor WIDE mean nothing. */
  longWords(): Uint32Array<ArrayBuffer> {
    const { tags, doubles } = this;
    const words = this.#room.words(this.words.length);
    words.set(this.words);
    const longs = longsOf(words);
    for (let row = 0; row < tags.length; row++) {
      if (tags[row] === LONG) longs[row] = BigInt(doubles[row]!);
    }
    return words;
  }

  /** The column with `map` of its other values; itself where it has none but booleans. */
  mapOthers(map: (value: unknown) => unknown): TokenColumn {
    if (this.hasOnlyBooleans) return this;
    const { mask, tags, ids, words, dictionary, others } = this;
    return new TokenColumn(mask, { tags, ids, words, dictionary, others: others.map(map) });
  }

  /** The values of all rows; made once. */
  values(): readonly unknown[] {
    this.#values ??= Array.from(this.tags, (_, row) => this.value(row));
    return this.#values;
  }
}

const longsOf = ({ buffer, byteOffset, length }: Uint32Array): BigInt64Array =>
  new BigInt64Array(buffer, byteOffset, length / 2);
