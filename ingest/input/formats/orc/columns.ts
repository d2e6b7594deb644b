import { type Long, ResourceLimitError, utf8Decode } from '../../../../core/index.js';
import type { OrcType } from './metadata.js';
import type { OrcStream } from './orc-stream.js';
import { BitRuns, ByteRuns, LongRuns1, LongRuns2, type Runs } from './run-lengths.js';
import { timestamps } from './timestamps.js';

/** Reads a column from its begin. */
export interface ColumnReader {
  /** The values of the next `count` rows; null where there is none. Throws RangeError where there are fewer. */
  read(count: number): ArrayLike<unknown>;
}

/** What the readers of a stripe need of it. */
export interface StripeStreams {
  /** Null where the column has no such stream. */
  stream(column: number, kind: StreamKind): OrcStream | null;
  encoding(column: number): { readonly kind: number; readonly dictionarySize: number };
  readonly timeZone: string;
  readonly binaryAsString: boolean;
}

export type StreamKind = 'present' | 'data' | 'length' | 'dictionary' | 'secondary';

const DICTIONARY = 1;
const DIRECT_V2 = 2;
const DICTIONARY_V2 = 3;

/** Items of lists and maps in one batch, and texts of a dictionary. */
const MAX_ITEMS = 2 ** 24;

const DAY_MS = 86_400_000;

/** The reader of a column and of those below it. */
export function columnReader(type: OrcType, stripe: StripeStreams): ColumnReader {
  const present = stripe.stream(type.id, 'present');
  const values = valuesOf(type, stripe);
  return present === null ? { read: values } : withNulls(new BitRuns(present), values);
}

/** Gives so many values, none of them null. */
type Values = (count: number) => ArrayLike<unknown>;

function withNulls(present: Runs<boolean>, values: Values): ColumnReader {
  return {
    read: (count) => {
      const bits = present.read(count);
      const there = bits.reduce((sum, bit) => sum + Number(bit), 0);
      const found = values(there);
      let next = 0;
      return bits.map((bit) => (bit ? found[next++] : null));
    },
  };
}

function valuesOf(type: OrcType, stripe: StripeStreams): Values {
  switch (type.kind) {
    case 'boolean':
      return lazily(() => new BitRuns(wanted(type, stripe, 'data')));
    case 'byte':
      return mapped(
        lazily(() => new ByteRuns(wanted(type, stripe, 'data'))),
        (byte) => (byte << 24) >> 24,
      );
    case 'short':
    case 'int':
    case 'long':
      return longs(type, stripe, 'data', true);
    case 'date':
      return mapped(longs(type, stripe, 'data', true), (days) => new Date(Number(days) * DAY_MS));
    case 'float':
      return floats(type, stripe, 4, (view, at) => view.getFloat32(at, true));
    case 'double':
      return floats(type, stripe, 8, (view, at) => view.getFloat64(at, true));
    case 'string':
    case 'varchar':
    case 'char':
      return texts(type, stripe);
    case 'binary':
      return blobs(type, stripe, stripe.binaryAsString ? utf8Decode : (bytes) => bytes.slice());
    case 'timestamp':
    case 'instant':
      return times(type, stripe);
    case 'decimal':
      return decimals(type, stripe);
    case 'list':
      return lists(type, stripe);
    case 'map':
      return maps(type, stripe);
    case 'struct':
      return structs(type, stripe);
    case 'union':
      // As in Druid, which has no type for them.
      return (count) => new Array<null>(count).fill(null);
  }
}

/** A column of nulls may lack the streams of its values, so they are asked for with the first value. */
function lazily<T>(open: () => Runs<T>): (count: number) => T[] {
  let runs: Runs<T> | null = null;
  return (count) => {
    if (count === 0) return [];
    runs ??= open();
    return runs.read(count);
  };
}

const mapped =
  <T>(values: (count: number) => T[], map: (value: T) => unknown): Values =>
  (count) =>
    values(count).map(map);

function wanted(type: OrcType, stripe: StripeStreams, kind: StreamKind): OrcStream {
  const stream = stripe.stream(type.id, kind);
  if (stream === null) throw new RangeError(`column ${type.id} has no stream of ${kind}`);
  return stream;
}

function longs(
  type: OrcType,
  stripe: StripeStreams,
  kind: StreamKind,
  isSigned: boolean,
): (count: number) => Long[] {
  const { kind: encoding } = stripe.encoding(type.id);
  const isSecond = encoding === DIRECT_V2 || encoding === DICTIONARY_V2;
  return lazily(() => {
    const stream = wanted(type, stripe, kind);
    return isSecond ? new LongRuns2(stream, isSigned) : new LongRuns1(stream, isSigned);
  });
}

function floats(
  type: OrcType,
  stripe: StripeStreams,
  bytes: number,
  read: (view: DataView, at: number) => number,
): Values {
  let stream: OrcStream | null = null;
  return (count) => {
    if (count === 0) return [];
    stream ??= wanted(type, stripe, 'data');
    const raw = stream.raw(count * bytes);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = read(view, i * bytes);
    return values;
  };
}

function texts(type: OrcType, stripe: StripeStreams): Values {
  const { kind, dictionarySize } = stripe.encoding(type.id);
  if (kind !== DICTIONARY && kind !== DICTIONARY_V2) return blobs(type, stripe, utf8Decode);
  if (dictionarySize > MAX_ITEMS)
    throw tooMany(`the dictionary of column ${type.id}`, dictionarySize);
  const ids = longs(type, stripe, 'data', false);
  let dictionary: readonly unknown[] | null = null;
  return (count) => {
    if (count === 0) return [];
    dictionary ??= blobs(type, stripe, utf8Decode, 'dictionary')(dictionarySize);
    const known = dictionary;
    return ids(count).map((id) => {
      const text = known[Number(id)];
      if (text === undefined) throw new RangeError(`a dictionary has no text ${id}`);
      return text;
    });
  };
}

/** Bytes one after another, with their lengths apart. */
function blobs(
  type: OrcType,
  stripe: StripeStreams,
  convert: (bytes: Uint8Array) => unknown,
  kind: StreamKind = 'data',
): (count: number) => unknown[] {
  const lengths = longs(type, stripe, 'length', false);
  let stream: OrcStream | null = null;
  return (count) =>
    lengths(count).map((length) => {
      // There may be no bytes at all, when all texts are empty.
      if (length === 0) return convert(new Uint8Array(0));
      stream ??= wanted(type, stripe, kind);
      return convert(stream.raw(Number(length)));
    });
}

function times(type: OrcType, stripe: StripeStreams): Values {
  const seconds = longs(type, stripe, 'data', true);
  const nanos = longs(type, stripe, 'secondary', false);
  const toMs = timestamps(type.kind === 'instant' ? 'UTC' : stripe.timeZone);
  return (count) => {
    const parts = nanos(count);
    return seconds(count).map((second, i) => toMs(second, parts[i]!));
  };
}

/** The doubles nearest to integers over powers of ten. */
function decimals(type: OrcType, stripe: StripeStreams): Values {
  const scales = longs(type, stripe, 'secondary', true);
  let stream: OrcStream | null = null;
  return (count) =>
    scales(count).map((scale) => {
      stream ??= wanted(type, stripe, 'data');
      return Number(`${stream.bigVarint()}e${-Number(scale)}`);
    });
}

/** How many items each row has, and all together. */
function itemCounts(type: OrcType, stripe: StripeStreams): (count: number) => readonly number[] {
  const lengths = longs(type, stripe, 'length', false);
  return (count) => {
    const counts = lengths(count).map(Number);
    const sum = counts.reduce((a, b) => a + b, 0);
    if (!(sum <= MAX_ITEMS)) throw tooMany(`${count} rows of column ${type.id}`, sum);
    return counts;
  };
}

function lists(type: OrcType, stripe: StripeStreams): Values {
  const counts = itemCounts(type, stripe);
  const items = columnReader(child(type, 0), stripe);
  return (count) => sliced(counts(count), (sum) => items.read(sum), Array.from);
}

function maps(type: OrcType, stripe: StripeStreams): Values {
  const counts = itemCounts(type, stripe);
  const keys = columnReader(child(type, 0), stripe);
  const values = columnReader(child(type, 1), stripe);
  const entries = (sum: number) => {
    const members = values.read(sum);
    return Array.from(keys.read(sum), (key, i) => [String(key), members[i]] as const);
  };
  return (count) => sliced(counts(count), entries, (list) => Object.fromEntries(list));
}

/** Cuts what all rows together have into rows. */
function sliced<T>(
  counts: readonly number[],
  read: (sum: number) => ArrayLike<T>,
  make: (items: readonly T[]) => unknown,
): readonly unknown[] {
  const items = Array.from(read(counts.reduce((a, b) => a + b, 0)));
  let at = 0;
  return counts.map((count) => {
    at += count;
    return make(items.slice(at - count, at));
  });
}

function structs(type: OrcType, stripe: StripeStreams): Values {
  const fields = type.children.map((field, i) => {
    return { name: type.names[i] ?? `_col${i}`, reader: columnReader(field, stripe) };
  });
  return (count) => {
    const columns = fields.map(({ name, reader }) => ({ name, values: reader.read(count) }));
    return Array.from({ length: count }, (_, row) =>
      Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])),
    );
  };
}

function child(type: OrcType, index: number): OrcType {
  const found = type.children[index];
  if (found === undefined) throw new RangeError(`column ${type.id} has no type of its items`);
  return found;
}

const tooMany = (what: string, count: number): ResourceLimitError =>
  new ResourceLimitError(
    `ORC: ${what} would have ${count} items, more than ${MAX_ITEMS}; write the file with smaller stripes`,
    MAX_ITEMS,
    count,
  );
