import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  CancelledError,
  type Disk,
  encodeError,
  InternalError,
  invariant,
  RealDisk,
} from '../../core/index.js';
import { performLoad, type Segment } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { BoundedMap } from './bounded-map.js';
import { CACHE_SIZES, cacheOf, type Message, type Reply, type ScanMessage } from './messages.js';
import { openSource, runJob } from './run-job.js';

/** The entry of a query worker: a loop of messages and replies. */
class WorkerLoop {
  // What came is remembered before it is parsed or opened, so that a failure there cannot make
  // this thread forget what the main thread takes it to know.
  readonly #queries = new BoundedMap<number, () => NativeQuery>(CACHE_SIZES.queries);
  readonly #sources = {
    files: new BoundedMap<string, () => Segment>(CACHE_SIZES.files),
    others: new BoundedMap<string, () => Segment>(CACHE_SIZES.others),
  };

  constructor(
    private readonly port: MessagePort,
    private readonly disk: Disk,
    private readonly scratchSlot: ScratchSlot,
  ) {}

  answer(message: Message): void {
    try {
      this.port.postMessage(this.#reply(message));
    } catch (error) {
      // A partial that cannot be cloned is our bug; the query must hear of it all the same.
      const failure: Reply = { kind: 'failed', error: encodeError(error) };
      this.port.postMessage(failure);
    }
  }

  #reply(message: Message): Reply {
    try {
      if (message.kind === 'scan') return { kind: 'done', partial: this.#scan(message) };
      performLoad(this.disk, message.job);
      return { kind: 'done', partial: null };
    } catch (error) {
      return { kind: 'failed', error: encodeError(error) };
    }
  }

  #scan(message: ScanMessage): PartialResult {
    const { queryKey, query, sourceKey, source } = message;
    const sources = this.#sources[cacheOf(sourceKey)];
    const parse = query === null ? null : once(() => parseNativeQuery(query));
    const open = source === null ? null : once(() => openSource(source));
    if (parse !== null) this.#queries.add(queryKey, parse);
    if (open !== null) sources.add(sourceKey, open);
    const readQuery = this.#queries.get(queryKey);
    const openSegment = sources.get(sourceKey);
    invariant(readQuery !== undefined, `the worker knows query ${queryKey}`);
    invariant(openSegment !== undefined, `the worker knows source ${sourceKey}`);
    const flag = new Int32Array(message.cancelFlag);
    return runJob(message, readQuery(), openSegment(), this.scratchSlot, () => {
      if (Atomics.load(flag, 0) !== 0) throw new CancelledError('the query was cancelled');
    });
  }
}

/** `make()`, at the first call only. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

if (parentPort === null) throw new InternalError('worker-main runs in a worker thread only');
const loop = new WorkerLoop(parentPort, new RealDisk(), workerData as ScratchSlot);
parentPort.on('message', (message: Message) => loop.answer(message));
