import { expect, test } from 'vitest';
import { ETERNITY } from '../../model/index.js';
import { segmentIdText } from './segment-id.js';

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
});
