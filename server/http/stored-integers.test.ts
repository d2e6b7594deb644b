import { expect, test } from 'vitest';
import { coordinatorWorld } from './coordinator/coordinator-testing.js';

const COORDINATOR = '/druid/coordinator/v1';
const OVERLORD = '/druid/indexer/v1';
const SUPERVISOR = `${OVERLORD}/supervisor`;
const LOOKUP = `${COORDINATOR}/lookups/config/__default/l`;

const CONTEXT = '"taskContext":{"x":<long>}';
const FACTORY = '{"type":"map","map":{"x":<long>}}';

/** What is posted, and where it is read again. */
const POSTS: readonly (readonly [path: string, body: string, ...reads: string[]])[] = [
  [
    `${COORDINATOR}/config/compaction`,
    `{"dataSource":"t",${CONTEXT}}`,
    ...['', '/t', '/t/history'].map((path) => `${COORDINATOR}/config/compaction${path}`),
  ],
  [
    SUPERVISOR,
    `{"type":"autocompact","spec":{"dataSource":"t",${CONTEXT}}}`,
    ...['/autocompact__t', '?full', '?system', '/history', '/autocompact__t/history'].map(
      (path) => SUPERVISOR + path,
    ),
  ],
  [
    `${OVERLORD}/task`,
    '{"type":"kill","dataSource":"t","id":"k","interval":"2000/2001","context":{"x":<long>}}',
    `${OVERLORD}/task/k`,
  ],
  [
    `${OVERLORD}/worker`,
    '{"type":"default","selectStrategy":{"type":"fillCapacity","x":<long>}}',
    `${OVERLORD}/worker`,
    `${OVERLORD}/worker/history`,
  ],
  [LOOKUP, `{"version":"v1","lookupExtractorFactory":${FACTORY}}`, LOOKUP],
];

test.each(POSTS)(
  'integers of 64 bits come back from %s as they were posted',
  async (path, body, ...reads) => {
    const world = await coordinatorWorld();
    await world.call('POST', `${COORDINATOR}/lookups/config`, {});
    const long = '9223372036854775807';
    const { status } = await world.call('POST', path, body.replace('<long>', long));
    expect(status).toBeLessThan(300);
    for (const read of reads) {
      const answer = await world.app.request(read);
      expect(answer.status, read).toBe(200);
      expect((await answer.text()).replaceAll('\\"', '"'), read).toContain(`"x":${long}`);
    }
  },
);
