import { deflateRawSync } from 'node:zlib';
import { type Long, utf8Encode } from '../../../../core/index.js';
import { KINDS } from './metadata.js';

/** For tests: what a column of a file is to hold, without any encoding that would save space. */
export type TestColumn =
  | { readonly kind: 'long'; readonly values: readonly (Long | null)[] }
  | { readonly kind: 'double'; readonly values: readonly (number | null)[] }
  | { readonly kind: 'boolean'; readonly values: readonly (boolean | null)[] }
  | { readonly kind: 'string'; readonly values: readonly (string | null)[] }
  | {
      readonly kind: 'list';
      readonly items: TestColumn;
      readonly counts: readonly (number | null)[];
    };

interface Stream {
  readonly kind: number;
  readonly column: number;
  readonly bytes: readonly number[];
}

/** For tests: an ORC file of stripes of columns, version 1 of all encodings. */
export function orcOf(
  stripes: readonly Readonly<Record<string, TestColumn>>[],
  isPacked: boolean,
): Uint8Array {
  const pack = (bytes: readonly number[]): number[] => (isPacked ? chunks(bytes) : [...bytes]);
  const file: number[] = [...utf8Encode('ORC')];
  const infos: number[][] = [];
  const types: number[][] = [[]];
  const roots: number[] = [];
  for (const [i, stripe] of stripes.entries()) {
    const streams: Stream[] = [];
    let column = 1;
    for (const one of Object.values(stripe)) {
      if (i === 0) roots.push(column);
      column = write(one, column, streams, i === 0 ? types : []);
    }
    const bodies = streams.map(({ kind, column: id, bytes }) => ({ kind, id, bytes: pack(bytes) }));
    const footer = pack([
      ...bodies.flatMap(({ kind, id, bytes }) =>
        blob(1, [...number(1, kind), ...number(2, id), ...number(3, bytes.length)]),
      ),
      ...Array.from({ length: column }, () => blob(2, number(1, 0))).flat(),
      ...blob(3, [...utf8Encode('UTC')]),
    ]);
    const data = bodies.flatMap(({ bytes }) => bytes);
    infos.push([
      ...number(1, file.length),
      ...number(2, 0),
      ...number(3, data.length),
      ...number(4, footer.length),
      ...number(5, rowsOf(Object.values(stripe)[0]!)),
    ]);
    file.push(...data, ...footer);
  }
  const names = Object.keys(stripes[0]!).flatMap((name) => blob(3, [...utf8Encode(name)]));
  types[0] = [
    ...number(1, KINDS.indexOf('struct')),
    ...blob(
      2,
      roots.flatMap((id) => varint(BigInt(id))),
    ),
    ...names,
  ];
  const footer = pack([
    ...infos.flatMap((info) => blob(3, info)),
    ...types.flatMap((type) => blob(4, type)),
  ]);
  const postscript = [
    ...number(1, footer.length),
    ...number(2, isPacked ? 1 : 0),
    ...number(3, 4096),
    ...blob(8000, [...utf8Encode('ORC')]),
  ];
  return Uint8Array.from([...file, ...footer, ...postscript, postscript.length]);
}

const rowsOf = (column: TestColumn): number =>
  column.kind === 'list' ? column.counts.length : column.values.length;

/** Writes the streams of a column and of those below it; returns the next free number. */
function write(column: TestColumn, id: number, streams: Stream[], types: number[][]): number {
  const values: readonly unknown[] = column.kind === 'list' ? column.counts : column.values;
  const there = values.filter((value) => value !== null);
  if (there.length < values.length) {
    streams.push({ kind: 0, column: id, bytes: bits(values.map((value) => value !== null)) });
  }
  const data = (bytes: readonly number[]) => streams.push({ kind: 1, column: id, bytes });
  const lengths = (counts: readonly number[]) =>
    streams.push({
      kind: 2,
      column: id,
      bytes: literals(counts.map((count) => varint(BigInt(count)))),
    });
  types[id] = [
    ...number(1, KINDS.indexOf(column.kind)),
    ...(column.kind === 'list' ? number(2, id + 1) : []),
  ];
  switch (column.kind) {
    case 'long':
      data(
        literals(
          (there as Long[]).map((value) =>
            varint(BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))),
          ),
        ),
      );
      break;
    case 'double':
      data([...new Uint8Array(Float64Array.from(there as number[]).buffer)]);
      break;
    case 'boolean':
      data(bits(there as boolean[]));
      break;
    case 'string': {
      const texts = (there as string[]).map(utf8Encode);
      data(texts.flatMap((text) => [...text]));
      lengths(texts.map(({ length }) => length));
      break;
    }
    case 'list':
      lengths(there as number[]);
      return write(column.items, id + 1, streams, types);
  }
  return id + 1;
}

/** Runs of values as they are, at most 128 in each. */
function literals(values: readonly (readonly number[])[]): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; at += 128) {
    const run = values.slice(at, at + 128);
    bytes.push(256 - run.length, ...run.flat());
  }
  return bytes;
}

function bits(values: readonly boolean[]): number[] {
  const bytes: number[][] = [];
  for (let at = 0; at < values.length; at += 8) {
    bytes.push([values.slice(at, at + 8).reduce((byte, bit, i) => byte | (bit ? 128 >> i : 0), 0)]);
  }
  return literals(bytes);
}

/** Chunks of at most 1000 bytes, every other one not packed. */
function chunks(bytes: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const part = Uint8Array.from(bytes.slice(at, at + 1000));
    const isPlain = (at / 1000) % 2 === 1;
    const body = isPlain ? part : deflateRawSync(part);
    const header = body.length * 2 + Number(isPlain);
    out.push(header & 255, (header >> 8) & 255, header >> 16, ...body);
  }
  return out;
}

function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
}

const number = (field: number, value: number): number[] => [
  ...varint(BigInt(field) << 3n),
  ...varint(BigInt(value)),
];

const blob = (field: number, bytes: readonly number[]): number[] => [
  ...varint((BigInt(field) << 3n) | 2n),
  ...varint(BigInt(bytes.length)),
  ...bytes,
];
