import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '../../core/index.js';
import { type Command, decodeCommand, encodeCommand } from './command.js';

const bytes = fc.uint8Array({ maxLength: 40 });
const format = fc.constantFrom('ndjson', 'json', 'csv', 'arrow');
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const size = fc.maxSafeNat();
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('push'),
    table: text,
    specVersion: size,
    format,
    columns: nullable(fc.array(text)),
    arrivalMs: fc.maxSafeInteger(),
    producer: nullable(text),
    sequence: nullable(size),
    key: nullable(text),
    ack: fc.constantFrom('disk', 'memory'),
    body: bytes,
  }),
  fc.record({ kind: fc.constant('duplicate'), table: text, rows: size }),
  fc.record({
    kind: fc.constant('replay'),
    table: text,
    specVersion: size,
    arrivalMs: fc.maxSafeInteger(),
    acceptLate: fc.boolean(),
    letters: fc.array(fc.record({ letter: size, format, truncated: fc.boolean(), raw: bytes })),
  }),
) as fc.Arbitrary<Command>;

/** Buffers are as good as plain arrays of bytes. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, member) =>
      member?.type === 'Buffer' || member instanceof Uint8Array
        ? [...(member.data ?? member)]
        : member,
    ),
  );

test('a command comes back as it was written', () => {
  fc.assert(
    fc.property(command, (given) => {
      expect(plain(decodeCommand(encodeCommand(given)))).toEqual(plain(given));
    }),
  );
});

test('bytes that are no command are refused', () => {
  fc.assert(
    fc.property(command, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, flip) => {
      const bytes = encodeCommand(given);
      const damaged = Uint8Array.from(bytes);
      damaged[at % bytes.length]! ^= flip;
      for (const bad of [damaged, bytes.subarray(0, at % bytes.length)]) {
        try {
          decodeCommand(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBytesError);
        }
      }
    }),
  );
  for (const bad of [[], [2, 0], [1, 0], [1, 9], [1, 1, 0xc1], [1, 1, 0x80]]) {
    expect(() => decodeCommand(Uint8Array.from(bad))).toThrow(CorruptBytesError);
  }
});
