import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Encode } from '../../../core/index.js';
import { draws } from '../../../core/testing.js';
import { valueIn } from '../../input/batch.js';
import { jsonBytes } from '../../input/ndjson/json-lines-testing.js';
import type { BodyRows } from './body.js';
import { readNdjson } from './ndjson.js';
import { RowsBuilder } from './rows-builder.js';
import { linesIn, trimmed } from './spans.js';

function naive(body: Uint8Array, maxRowBytes: number): BodyRows {
  const rows = new RowsBuilder(body, maxRowBytes);
  linesIn(body, (start, end) => {
    const [from, to] = trimmed(body, start, end);
    if (from < to) rows.addObject(from, to);
  });
  return rows.build('ndjson');
}

/** All that can be seen of a body's rows, as plain data. */
function shown({ count, batch, numbers, bad, raw }: BodyRows): unknown {
  const columns = [...batch.columns].map(([name, column]) => [
    name,
    Array.from({ length: batch.rowCount }, (_, row) => valueIn(column, row)),
  ]);
  const raws = Array.from({ length: count }, (_, row) => raw(row));
  const { rowCount, bytes } = batch;
  return { count, rowCount, bytes, columns, numbers: [...numbers], bad, raws };
}

test('rows, reasons and raw rows are those of the lines one by one', () => {
  const options = fc.record({
    maxRowBytes: fc.constantFrom(20, 60, 1_000_000),
    columns: fc.constant(null),
    timeColumn: fc.constantFrom('time', 'a'),
  });
  fc.assert(
    fc.property(jsonBytes, options, (body, some) => {
      expect(shown(readNdjson(body, some))).toEqual(shown(naive(body, some.maxRowBytes)));
    }),
    { numRuns: draws(800) },
  );
}, 120_000);

const OPTIONS = { maxRowBytes: 10_000, columns: null, timeColumn: 'time' };

test('more rows and texts than one batch of the tokenizer has', () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => {
    if (i % 5_000 === 77) return '{"bad"';
    const late = i > 20_000 ? { late: [i, null], flag: i % 2 === 0, deep: { x: i } } : {};
    return JSON.stringify({
      time: '2020-01-01T00:00:00Z',
      i,
      few: `v${i % 9}`,
      many: `é ${i}`,
      ...late,
    });
  });
  const body = utf8Encode(lines.join('\n'));
  expect(shown(readNdjson(body, OPTIONS))).toEqual(shown(naive(body, OPTIONS.maxRowBytes)));
});
