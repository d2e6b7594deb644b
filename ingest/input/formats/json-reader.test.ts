import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draws, expectSame } from '../../../core/testing.js';
import { type InputBatch, valueIn } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { blocksOf, linesOf } from '../lines.js';
import { jsonBytes } from '../ndjson/json-lines-testing.js';
import { BATCH_ROWS, BLOCK_BYTES } from '../ndjson/tokenizer.js';
import { entityOf } from '../testing.js';
import { JsonReader } from './json-reader.js';
import { JsonRecords } from './json-records.js';

interface Found {
  readonly rows: unknown[];
  readonly bad: InputBatch['bad'][number][];
  /** Names in the order in which they appear. */
  names: string[];
  batchCount: number;
  bytes: number;
}

const entriesOf = ({ columns }: InputBatch, row: number) =>
  [...columns]
    .map(([name, column]) => [name, valueIn(column, row)] as const)
    .filter(([, value]) => value !== undefined);

function addTo(found: Found, batch: InputBatch): void {
  for (let row = 0; row < batch.rowCount; row++) found.rows.push(new Map(entriesOf(batch, row)));
  found.bad.push(...batch.bad);
  found.bytes += batch.bytes;
  found.names = [...new Set([...found.names, ...batch.columns.keys()])];
  if (batch.rowCount > 0) found.batchCount++;
}

const nothing = (): Found => ({ rows: [], bad: [], names: [], batchCount: 0, bytes: 0 });

async function read(
  content: Uint8Array,
  cuts: readonly number[] = [],
  reader = new JsonReader('time'),
): Promise<Found> {
  const found = nothing();
  for await (const block of blocksOf(entityOf(content, cuts).chunks())) {
    for (const batch of reader.read(block)) addTo(found, batch);
  }
  for (const batch of reader.end()) addTo(found, batch);
  return found;
}

/** Every line through `parseJson`, every value in its column by itself. */
async function naive(content: Uint8Array): Promise<Found> {
  const found = nothing();
  const batch = new BatchBuilder();
  const records = new JsonRecords({
    record: (record) => {
      for (const name in record) batch.set(name, record[name]);
      batch.endRecord();
    },
    bad: (input, reason) => batch.bad(input, reason),
  });
  let bytes = 0;
  for await (const lines of linesOf(entityOf(content).chunks())) {
    for (const text of lines.texts) records.line(text);
    bytes += lines.bytes;
  }
  records.end();
  addTo(found, batch.build(bytes));
  return found;
}

test('rows, bad lines and the order of fields are those of JSON.parse, line by line', async () => {
  await fc.assert(
    fc.asyncProperty(jsonBytes, async (content) => {
      const wanted = await naive(content);
      const found = await read(content);
      expectSame(found, { ...wanted, batchCount: found.batchCount });
    }),
    { numRuns: draws(60) },
  );
}, 120_000);

test('neither cuts nor what was read before change a thing', async () => {
  const used = new JsonReader('time');
  const cuts = fc.array(fc.nat(300), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(jsonBytes, cuts, async (content, at) => {
      const wanted = await naive(content);
      const found = await read(content, at, used);
      expectSame(found, { ...wanted, batchCount: found.batchCount });
    }),
    { numRuns: draws(400) },
  );
}, 120_000);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('more rows than a batch has, many on one line too', async () => {
  const count = 2 * BATCH_ROWS + 100;
  const rows = Array.from({ length: count }, (_, i) => `{"i":${i},"t":"v${i}"}`);
  for (const separator of ['\n', ' ', '\n\n']) {
    const { rows: found, batchCount } = await read(encode(rows.join(separator)));
    expect(found.length).toBe(count);
    expect(batchCount).toBeGreaterThan(2);
    expect(found.at(-1)).toEqual(
      new Map<string, unknown>([
        ['i', count - 1],
        ['t', `v${count - 1}`],
      ]),
    );
    expect(found[BATCH_ROWS]).toEqual(
      new Map<string, unknown>([
        ['i', BATCH_ROWS],
        ['t', `v${BATCH_ROWS}`],
      ]),
    );
  }
});

test('lines longer than a block, texts longer than the kernel takes, names of all lengths', async () => {
  const long = 'x'.repeat(BLOCK_BYTES);
  const longName = 'n'.repeat(70_000);
  const lines = [
    `{"a":"${long}","b":1}`,
    `{"a":"\\n${'y'.repeat(70_000)}"}`,
    `{"${longName}":1,"a":"z"}`,
  ];
  const { rows, bad } = await read(encode([...lines, ...lines].join('\n')));
  expect(bad).toEqual([]);
  expect(rows).toEqual(
    [...lines, ...lines].map((line) => new Map(Object.entries(JSON.parse(line)))),
  );
});

test('more fields than the kernel has room for', async () => {
  const lines = Array.from({ length: 700 }, (_, i) => `{"f${i}":${i},"g${i}":"v","same":null}`);
  const content = encode(lines.join('\n'));
  const reader = new JsonReader('time');
  const wanted = await naive(content);
  for (let i = 0; i < 3; i++) {
    const found = await read(content, [], reader);
    expectSame(found, { ...wanted, batchCount: found.batchCount });
  }
});

test('dictionaries beyond their bound, and texts that return later', async () => {
  const reader = new JsonReader(null);
  for (let part = 0; part < 8; part++) {
    const lines = Array.from({ length: BATCH_ROWS }, (_, i) =>
      JSON.stringify({
        many: `value ${(part % 5) * BATCH_ROWS + i}`,
        few: `é${i % 3}`,
        big: 'b'.repeat(i % 400),
      }),
    );
    const { rows } = await read(encode(lines.join('\n')), [], reader);
    expectSame(
      rows,
      lines.map((line) => new Map(Object.entries(JSON.parse(line)))),
    );
  }
});
