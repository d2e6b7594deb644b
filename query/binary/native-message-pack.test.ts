import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import { parseJson } from '../../core/index.js';
import { parseAggregator } from '../../model/index.js';
import { nativeJson } from '../json/native-json.js';
import { QUERIES, randomAnswer, resultOf } from './answers-testing.js';
import { nativeMessagePack } from './native-message-pack.js';

/** Integers of 64 bits as numbers where they are safe, which the library's types do not know of. */
const int64AsType = 'auto' as 'bigint';
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType });
const [timeseries] = QUERIES;

/** Objects as maps, as the unpacked has them. */
function mapped(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(mapped);
  if (typeof json !== 'object' || json === null) return json;
  return new Map(Object.entries(json).map(([key, value]) => [key, mapped(value)]));
}

test.each(QUERIES)('reads as its JSON does: $name', async ({ query }) => {
  const isDescription = query.queryType === 'segmentMetadata';
  await fc.assert(
    fc.asyncProperty(randomAnswer, async (answer) => {
      const { fields, rows } = answer;
      const shown = query.queryType === 'timeBoundary' ? 1 : fields.length;
      const cut = { fields: fields.slice(0, shown), rows: rows.map((row) => row.slice(0, shown)) };
      const result = resultOf(isDescription ? { ...cut, fields } : cut);
      const packed = Buffer.concat([...(await nativeMessagePack(query, result))]);
      const json = parseJson([...nativeJson(query, result)].join(''));
      expect(unpackr.unpack(packed)).toEqual(mapped(json));
    }),
    { numRuns: 60 },
  );
});

test('integers of 64 bits are integers', async () => {
  const fields = ['__time', 'n'].map((name) => ({ name, type: 'LONG' as const }));
  const rows = [2 ** 31 - 1, 2 ** 31, -(2n ** 63n), 2 ** 53 - 1].map((n) => [0, n]);
  const packed = Buffer.concat([
    ...(await nativeMessagePack(timeseries!.query, resultOf({ fields, rows }))),
  ]);
  const exact = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' });
  const read = exact.unpack(packed) as { result: { n: unknown } }[];
  expect(read.map(({ result }) => result.n)).toEqual([
    2 ** 31 - 1,
    2n ** 31n,
    -(2n ** 63n),
    2n ** 53n - 1n,
  ]);
});

test('a sketch is the base64 of its bytes', async () => {
  const aggregator = parseAggregator({ type: 'hyperUnique', name: 'u', fieldName: 'u' }, 'a');
  const fields = [
    { name: '__time', type: 'LONG' as const },
    { name: 'u', type: aggregator.storedType },
  ];
  const result = resultOf({ fields, rows: [[0, aggregator.initial()]] });
  const packed = Buffer.concat([...(await nativeMessagePack(timeseries!.query, result))]);
  const json = parseJson([...nativeJson(timeseries!.query, result)].join(''));
  expect(unpackr.unpack(packed)).toEqual(mapped(json));
});
