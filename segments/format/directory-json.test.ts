import { expect, test } from 'vitest';
import { CorruptSegmentError, stringifyJson, utf8Encode } from '../../core/index.js';
import type { ColumnEntry, FormatVersion, IndexEntry, SegmentDirectory } from './directory.js';
import { decodeDirectory, encodeDirectory } from './directory-json.js';

const time: ColumnEntry = {
  name: '__time',
  type: 'LONG',
  role: 'time',
  multiValue: false,
  encoding: 'long.raw',
  parameters: {},
  aggregator: null,
  blocks: [{ name: 'values', offset: 64, length: 16, crc32c: 7 }],
  indexes: [],
  stats: { cardinality: null, min: '1', max: '9007199254740993', hasNulls: false, sizeBytes: 16 },
};
const directory: Omit<SegmentDirectory, 'fileSizeBytes'> = {
  formatVersion: 2,
  rowCount: 2,
  minTimeMs: 1,
  maxTimeMs: 2,
  rollup: false,
  queryGranularity: 'none',
  columns: [time],
  trees: [],
};
const metric: ColumnEntry = {
  ...time,
  name: 'm',
  role: 'metric',
  aggregator: { type: 'longSum', name: 'm', limit: 2n ** 60n },
  blocks: [{ name: 'values', offset: 128, length: 16, crc32c: 7 }],
};

const index: IndexEntry = {
  kind: 'of a later version',
  parameters: { width: 2 },
  blocks: [{ name: 'rows', offset: 192, length: 40, crc32c: 8 }],
};

const decode = (json: unknown, version: FormatVersion = 2) =>
  decodeDirectory(utf8Encode(stringifyJson(json)), 320, 1000, '/d', version);

test('reads back, 64-bit integers in specs included, with keys in order', () => {
  const columns = [time, { ...metric, indexes: [index] }];
  const written = { ...directory, columns, treeChoice: [{ maxLeafRecords: 1 }] };
  const bytes = encodeDirectory(written);
  expect(decodeDirectory(bytes, 320, 1000, '/d', 2)).toEqual({ ...written, fileSizeBytes: 1000 });
  const reversed = Object.fromEntries(Object.entries(written).toReversed());
  expect(encodeDirectory(reversed as typeof written)).toEqual(bytes);
});

const withTime = (change: Partial<ColumnEntry>) => ({
  ...directory,
  columns: [{ ...time, ...change }],
});
const block = time.blocks[0]!;

test.each([
  { json: null, detail: /directory field/ },
  { json: { ...directory, formatVersion: 1 }, detail: /field formatVersion/ },
  { json: { ...directory, rowCount: -1 }, detail: /field rowCount/ },
  { json: { ...directory, further: 1 }, detail: /further/ },
  { json: { ...directory, columns: [] }, detail: /first column is not __time/ },
  { json: withTime({ type: 'DOUBLE' }), detail: /first column is not __time/ },
  { json: withTime({ encoding: 'long.magic' }), detail: /encoding "long.magic" is not known/ },
  { json: withTime({ encoding: 'float.raw' }), detail: /does not hold LONG/ },
  { json: withTime({ blocks: [{ ...block, offset: 65 }] }), detail: /not its place/ },
  { json: withTime({ blocks: [{ ...block, offset: 0 }] }), detail: /not its place/ },
  { json: withTime({ blocks: [{ ...block, offset: 320 }] }), detail: /not its place/ },
  { json: withTime({ blocks: [{ ...block, length: 2 ** 53 }] }), detail: /length|not its place/ },
  { json: withTime({ blocks: [{ ...block, length: 8 }] }), detail: /has 8 bytes, want 16/ },
  { json: withTime({ blocks: [] }), detail: /"values" is missing/ },
  { json: { ...directory, columns: [time, time] }, detail: /two columns have one name/ },
  { json: { ...directory, columns: [time, { ...metric, role: 'path' }] }, detail: /not its role/ },
  {
    json: { ...directory, columns: [time, { ...metric, name: '\0m\0$' }] },
    detail: /not its role/,
  },
  {
    json: { ...directory, columns: [time, { ...metric, name: '\0m\0no path' }] },
    detail: /is no path/,
  },
  { json: { ...directory, maxTimeMs: 1.5 }, detail: /field maxTimeMs/ },
  { json: { ...directory, treeChoice: ['auto'] }, detail: /field treeChoice.0/ },
  { json: withTime({ indexes: [index, index] }), detail: /not its place/ },
  {
    json: withTime({ indexes: [index, { ...index, blocks: [] }] }),
    detail: /two indexes are of one kind/,
  },
  {
    json: { ...directory, columns: [time, { ...metric, blocks: time.blocks }] },
    detail: /not its place/,
  },
])('refuses what cannot be: $detail', ({ json, detail }) => {
  expect(() => decode(json)).toThrow(CorruptSegmentError);
  expect(() => decode(json)).toThrow(detail);
});

test('version 1 has no indexes and no trees', () => {
  const { indexes: _, ...column } = time;
  const { trees: __, ...rows } = directory;
  const old = { ...rows, formatVersion: 1, columns: [column] };
  expect(decode(old, 1)).toMatchObject({ formatVersion: 1, columns: [time] });
  expect(() => decode({ ...old, columns: [time] }, 1)).toThrow(/indexes/);
});

test('refuses what is not JSON', () => {
  expect(() => decodeDirectory(utf8Encode('{'), 320, 1000, '/d', 2)).toThrow(/is not JSON/);
});
