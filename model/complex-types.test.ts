import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLong, UserError } from '../core/index.js';
import { HyperLogLog } from '../sketches/index.js';
import { complexType } from './complex-types.js';

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(toLong);
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const pairOf = (values: fc.Arbitrary<unknown>) => fc.record({ lhs: long, rhs: orNull(values) });

test.each([
  {
    name: 'serializablePairLongString',
    values: pairOf(fc.string({ unit: 'grapheme' })),
  },
  { name: 'serializablePairLongLong', values: pairOf(long) },
  { name: 'serializablePairLongDouble', values: pairOf(fc.double()) },
  { name: 'serializablePairLongFloat', values: pairOf(fc.float()) },
  { name: 'doubleMean', values: fc.record({ sum: fc.double(), count: fc.maxSafeNat() }) },
])('$name: decode undoes encode; a cut or longer cell is refused', ({ name, values }) => {
  const serde = complexType(name);
  expect(serde.name).toBe(name);
  fc.assert(
    fc.property(values as fc.Arbitrary<object>, fc.nat(), (value, at) => {
      const bytes = serde.encode(value);
      expect(serde.decode(bytes)).toEqual(value);
      expect(() => serde.decode(bytes.subarray(0, at % bytes.length))).toThrow();
      expect(() => serde.decode(Uint8Array.of(...bytes, 0))).toThrow();
    }),
  );
});

test('hyperUnique', () => {
  const serde = complexType('hyperUnique');
  const sketch = new HyperLogLog();
  for (let i = 0; i < 2000; i++) sketch.addText(`value ${i}`);
  const again = serde.decode(serde.encode(sketch)) as HyperLogLog;
  expect(again.estimate()).toBe(sketch.estimate());
  expect(() => serde.decode(new Uint8Array(3))).toThrow();
});

test('an unknown type is named', () => {
  expect(() => complexType('tDigest')).toThrow(UserError);
  expect(() => complexType('tDigest')).toThrow(/unknown complex type "tDigest"; known are/);
});
