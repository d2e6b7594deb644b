import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import { parseJson } from '../../core/index.js';
import { Json } from '../../model/index.js';
import type { SqlResult } from '../sql/index.js';
import { type FormatOptions, formatRows } from '../sql/output/formats.js';
import { sqlMessagePack } from './sql-message-pack.js';

const RESULT: SqlResult = {
  timeZone: 'America/Los_Angeles',
  stringifyArrays: false,
  columns: [
    { name: 't', type: 'TIMESTAMP' },
    { name: 's', type: 'VARCHAR' },
    { name: '__proto__', type: 'BIGINT' },
    { name: 'd', type: 'DOUBLE' },
    { name: 'f', type: 'FLOAT' },
    { name: 'b', type: 'BOOLEAN' },
    { name: 'a', type: 'BIGINT ARRAY' },
    { name: 'j', type: 'COMPLEX<json>' },
  ],
  rows: [
    [
      0,
      'x"y',
      2n ** 62n,
      5.5,
      Math.fround(0.1),
      1,
      [1, null, -(2n ** 63n)],
      Json.ofText('{"a":1}'),
    ],
    [86_400_000, ['p', 'q'], 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY, 0, [], null],
    [null, null, 2.5, null, null, null, null, null],
  ],
};
const SHAPES: readonly FormatOptions[] = (['object', 'array'] as const).flatMap((resultFormat) => [
  { resultFormat, header: false, typesHeader: false, sqlTypesHeader: false },
  { resultFormat, header: true, typesHeader: false, sqlTypesHeader: false },
  { resultFormat, header: true, typesHeader: true, sqlTypesHeader: true },
]);

/** Integers of 64 bits as numbers where they are safe, which the library's types do not know of. */
const int64AsType = 'auto' as 'bigint';
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType });

const read = async (result: SqlResult, options: FormatOptions): Promise<unknown> =>
  unpackr.unpack(Buffer.concat([...(await sqlMessagePack(result, options))]));

/** Objects as maps, as the unpacked has them. */
function mapped(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(mapped);
  if (typeof json !== 'object' || json === null) return json;
  return new Map(Object.entries(json).map(([key, value]) => [key, mapped(value)]));
}

test.each(SHAPES)('reads as its JSON does: %j', async (options) => {
  for (const result of [RESULT, { ...RESULT, stringifyArrays: true }, { ...RESULT, rows: [] }]) {
    const json = parseJson([...formatRows(result, options).chunks].join(''));
    expect(await read(result, options)).toEqual(mapped(json));
  }
});

test.each([
  { resultFormat: 'objectLines', like: 'object' },
  { resultFormat: 'arrayLines', like: 'array' },
  { resultFormat: 'csv', like: 'array' },
] as const)('$resultFormat is as $like', async ({ resultFormat, like }) => {
  const options = { header: true, typesHeader: false, sqlTypesHeader: false };
  expect(await read(RESULT, { ...options, resultFormat })).toEqual(
    await read(RESULT, { ...options, resultFormat: like }),
  );
});
