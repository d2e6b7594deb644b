import { expect, test } from 'vitest';
import { sampleText } from './dry-run.js';

test('rows with types, and what becomes of the others', () => {
  const text = sampleText({
    numRowsRead: 6,
    logicalSegmentSchema: [
      { name: '__time', type: 'LONG' },
      { name: 'page', type: 'STRING' },
      { name: 'n', type: 'LONG' },
    ],
    data: [
      { input: { t: 0 }, parsed: { __time: 0, page: '/', n: 5 } },
      {
        input: { t: 1 },
        parsed: { __time: 1, page: null, n: null },
        unparseable: true,
        error: 'no number',
      },
      { unparseable: true, error: 'no JSON' },
      { input: { t: 2, long: 'x'.repeat(200) }, dropped: true, error: 'filtered' },
    ],
  });
  expect(text).toMatchInlineSnapshot(`
    "__time LONG              │ page STRING │ n LONG
    ─────────────────────────┼─────────────┼───────
    1970-01-01T00:00:00.000Z │ /           │      5
    1970-01-01T00:00:00.001Z │ null        │   null

    row               │ why       │ record
    ──────────────────┼───────────┼──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    stored with nulls │ no number │ {"t":1}
    lost              │ no JSON   │
    thrown away       │ filtered  │ {"t":2,"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…

    6 rows read: 2 would be stored, 2 rolled up into them, 1 thrown away, 1 lost; nothing was written"
  `);
});
