/**
 * Clusters of processes on this machine: `npm run bench:cluster`. How questions scale over historicals, what segments and nodes cost a
 * broker, and what that would come to for a hundred nodes, which is a model and kept apart from what is measured; what it costs to have
 * pushed rows on two nodes, and how soon one of them is replaced. Needs PostgreSQL, which
 * test/services installs.
 */
import { runParts } from '../parts.js';
import { copies } from './copies.js';
import { overhead } from './overhead.js';
import { scaling } from './scaling.js';

await runParts({
  name: 'cluster',
  parts: [scaling, overhead, copies],
  rounds: 1,
  times: 'over the seconds of one measurement.',
  settings: {
    seconds: { usual: '2', help: 'of each measurement' },
    segments: {
      usual: '2000',
      help: 'of `overhead`; some milliseconds each until they are on disk',
    },
  },
});
