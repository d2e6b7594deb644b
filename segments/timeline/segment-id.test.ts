import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ETERNITY } from '../../model/index.js';
import { parseSegmentId, segmentIdText } from './segment-id.js';

const day = { startMs: Date.UTC(2024, 0, 1), endMs: Date.UTC(2024, 0, 2) };
const version = '2024-01-03T10:20:30.456Z';

test.each([
  {
    id: { dataSource: 'wiki', interval: day, version, partitionNum: 0 },
    text: `wiki_2024-01-01T00:00:00.000Z_2024-01-02T00:00:00.000Z_${version}`,
  },
  {
    id: { dataSource: 'my_wiki_1', interval: day, version, partitionNum: 12 },
    text: `my_wiki_1_2024-01-01T00:00:00.000Z_2024-01-02T00:00:00.000Z_${version}_12`,
  },
  {
    id: { dataSource: 'w', interval: ETERNITY, version: 'v_x', partitionNum: 1 },
    text: 'w_-146136543-09-08T08:23:32.096Z_146140482-04-24T15:36:27.903Z_v_x_1',
  },
])('$text', ({ id, text }) => {
  expect(segmentIdText(id)).toBe(text);
  expect(parseSegmentId(text, id.dataSource)).toEqual(id);
});

test('ids read back', () => {
  const anyId = fc.record({
    dataSource: fc.string({ minLength: 1 }),
    interval: fc
      .tuple(fc.integer({ min: -1e14, max: 1e14 }), fc.integer({ min: 1, max: 1e12 }))
      .map(([startMs, length]) => ({ startMs, endMs: startMs + length })),
    version: fc.constantFrom(version, 'v1', 'a_b'),
    partitionNum: fc.nat(99_999),
  });
  fc.assert(
    fc.property(anyId, (id) => {
      expect(parseSegmentId(segmentIdText(id), id.dataSource)).toEqual(id);
    }),
  );
});

test.each([
  '',
  'wiki',
  'wiki_',
  'wiki_x_y_z',
  `wiki_2024-01-02_2024-01-01_${version}`,
  'other_a_b_c',
])('not an id of wiki: %s', (text) => {
  expect(parseSegmentId(text, 'wiki')).toBeNull();
});
