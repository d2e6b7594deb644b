import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { InternalError, RealDisk, systemRandom } from '../../../core/index.js';
import { PortCalls } from '../worker/port-calls.js';
import type { CopiesMethods, CopiesSettings } from './copies-methods.js';
import { LogCopies } from './log-copies.js';

/** The entry of the thread that keeps copies of logs: each group is synced before it is answered. */
function start(port: MessagePort, { directory }: CopiesSettings): void {
  // A failed sync ends this thread, and that ends the process (see CopiesThread).
  const disk = new RealDisk({ onFatal: () => process.exit(70) });
  const copies = new LogCopies({ disk, random: systemRandom, directory });
  const methods: CopiesMethods = {
    list: () => copies.list(),
    begin: ({ log, session, start }) => copies.begin(log, session, start),
    append: ({ log, session, group }) => copies.append(log, session, group),
    trim: ({ log, session, before }) => copies.trim(log, session, before),
    close: (log) => copies.close(log),
    remove: (log) => copies.remove(log),
    end: () => copies.closeAll(),
  };
  new PortCalls(port, methods);
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
start(parentPort, workerData as CopiesSettings);
