import { expect, test } from 'vitest';
import { CorruptBytesError } from '../../core/index.js';
import type { LiveTable } from '../../ingest/index.js';
import { packMessage, unpackMessage } from '../transport/frames.js';
import { toldTable, toldTableCodec } from './live-table.js';

const sealed = {
  path: '/x',
  rowCount: 3,
  sizeBytes: 700,
  sha256: 'ab',
  minTimeMs: 1,
  maxTimeMs: 9,
  columns: [{ name: 'n', type: 'LONG', multiValue: false, role: 'metric' }],
} as const;

const TABLE: LiveTable = {
  table: 't',
  generations: [
    {
      to: Number.POSITIVE_INFINITY,
      parts: [
        {
          id: 7,
          layout: 0,
          dataSource: 'sys.dead_letters',
          rowCount: 3,
          minTimeMs: 1,
          maxTimeMs: 9,
          source: { kind: 'piece', sealed },
        },
      ],
    },
  ],
};

test('what a node tells of its rows comes over as it is, without them', () => {
  const { encode, decode } = toldTableCodec;
  const told = decode(unpackMessage(packMessage(encode(toldTable(TABLE)))));
  const { columns } = sealed;
  const part = { id: 7, dataSource: 'sys.dead_letters', rowCount: 3, minTimeMs: 1, maxTimeMs: 9 };
  expect(told).toEqual({
    table: 't',
    generations: [
      { to: Number.POSITIVE_INFINITY, parts: [{ ...part, sizeBytes: 700, columns: [...columns] }] },
    ],
  });
});

test('anything else is damage', () => {
  for (const wire of [
    null,
    { table: 't' },
    { table: 't', generations: [{ to: 'x', parts: [] }] },
  ]) {
    expect(() => toldTableCodec.decode(wire)).toThrow(CorruptBytesError);
  }
});
