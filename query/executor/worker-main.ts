import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  CancelledError,
  type Disk,
  encodeError,
  goBehindMainThread,
  InternalError,
  invariant,
  parseJson,
  RealDisk,
} from '../../core/index.js';
import { adoptLookups } from '../../model/index.js';
import { performLoad, type Segment } from '../../segments/index.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { BoundedMap } from './bounded-map.js';
import { KnownQueries } from './known-queries.js';
import {
  type BatchMessage,
  CACHE_SIZES,
  CONTROL,
  cacheOf,
  isKept,
  JOB_FIELDS,
  type LoadMessage,
  type MergeMessage,
  type Message,
  type PieceMessage,
  type Reply,
  type SourceMessage,
  type SpillMessage,
} from './messages.js';
import { type NumberedPartial, type OpenJob, openSource, runJobs } from './run-job.js';
import { runMerges } from './run-merge.js';
import { runPieces } from './run-pieces.js';
import { runSpills } from './run-spills.js';
import { buffersOf } from './transfer.js';

/** Jobs that a worker does at least before it makes room for another batch. */
const JOBS_PER_TURN = 4;

/** The entry of a query worker: a loop of messages and replies. */
class WorkerLoop {
  // What came is remembered before it is parsed or opened, so that a failure there cannot make
  // this thread forget what the main thread takes it to know.
  readonly #queries = new KnownQueries<() => NativeQuery>(CACHE_SIZES.queries);
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
      const reply = this.#reply(message);
      this.port.postMessage(reply, reply.kind === 'done' ? buffersOf(reply.partials) : []);
    } catch (error) {
      // A partial that cannot be cloned is our bug; the query must hear of it all the same.
      const failure: Reply = { kind: 'failed', error: encodeError(error) };
      this.port.postMessage(failure);
    }
  }

  #reply(message: Message): Reply {
    try {
      if (message.kind === 'batch') return { kind: 'done', partials: this.#run(message) };
      if (message.kind === 'merge') return { kind: 'done', partials: this.#merge(message) };
      if (message.kind === 'spill') return { kind: 'done', partials: this.#spill(message) };
      if (message.kind === 'pieces') return { kind: 'done', partials: this.#pieces(message) };
      performLoad(this.disk, message.job);
      return { kind: 'done', partials: [] };
    } catch (error) {
      return { kind: 'failed', error: encodeError(error) };
    }
  }

  #run(message: BatchMessage): NumberedPartial[] {
    const { bundles, mergesJobs, givesBlocks, spill, limits } = message;
    const readQuery = this.#queryOf(message);
    // In the order in which the main thread takes them to be looked up.
    const rights = message.rights.map(({ seen, ...right }) => ({
      seen,
      open: this.#opener(right),
    }));
    const openers = message.sources.map((sourceKey, place) =>
      this.#opener({ sourceKey, source: message.opened.get(place) ?? null }),
    );
    const control = new Int32Array(message.control);
    const facts = {
      query: readQuery(),
      mergesJobs,
      givesBlocks,
      rights: rights.map(({ seen, open }) => ({ seen, segment: open() })),
      spill: spill && { target: spill, disk: this.disk },
      limits,
      scratchSlot: this.scratchSlot,
      checkCancelled: cancelCheck(control),
    };
    return runJobs(jobsOf(message, openers), bundles, claimer(control, bundles.length), facts);
  }

  #merge(message: MergeMessage): NumberedPartial[] {
    adoptLookups(message.lookups);
    const readQuery = this.#queryOf(message);
    const open = this.#opener(message.source);
    const control = new Int32Array(message.control);
    const facts = {
      query: readQuery(),
      segment: open(),
      scratchSlot: this.scratchSlot,
      disk: this.disk,
      checkCancelled: cancelCheck(control),
    };
    return runMerges(message.merge, claimer(control, message.merge.jobs.length), facts);
  }

  #spill(message: SpillMessage): NumberedPartial[] {
    const readQuery = this.#queryOf(message);
    const opened = message.sources.map((source) => source && this.#opener(source));
    const jobs = message.jobs.map((partials, i) => ({ open: opened[i]!, partials }));
    const control = new Int32Array(message.control);
    const { target } = message;
    const facts = { target, disk: this.disk, checkCancelled: cancelCheck(control) };
    return runSpills(jobs, claimer(control, jobs.length), { query: readQuery(), ...facts });
  }

  #pieces(message: PieceMessage): NumberedPartial[] {
    const readQuery = this.#queryOf(message);
    const control = new Int32Array(message.control);
    const claim = claimer(control, message.merge.jobs.length);
    const facts = { disk: this.disk, checkCancelled: cancelCheck(control) };
    return runPieces(message.merge, claim, { query: readQuery(), ...facts });
  }

  #queryOf({ queryKey, query, lookups }: Exclude<Message, LoadMessage>): () => NativeQuery {
    if (query !== null)
      this.#queries.add(
        queryKey,
        lookups,
        once(() => {
          adoptLookups(lookups);
          return parseNativeQuery(typeof query === 'string' ? parseJson(query) : query);
        }),
      );
    const readQuery = this.#queries.get(queryKey);
    invariant(readQuery !== undefined, `the worker knows query ${queryKey}`);
    return readQuery;
  }

  #opener({ sourceKey, source }: SourceMessage): () => Segment {
    if (source !== null && !isKept(source)) return once(() => openSource(source));
    const sources = this.#sources[cacheOf(sourceKey)];
    if (source !== null)
      sources.add(
        sourceKey,
        once(() => openSource(source)),
      );
    const open = sources.get(sourceKey);
    invariant(open !== undefined, `the worker knows source ${sourceKey}`);
    return open;
  }
}

/** Sources are opened when a job comes to them. */
function jobsOf(
  { jobs, spans, rows }: BatchMessage,
  openers: readonly (() => Segment)[],
): readonly OpenJob[] {
  return Array.from({ length: jobs.length / JOB_FIELDS }, (_, i): OpenJob => {
    const at = JOB_FIELDS * i;
    return {
      from: jobs[at + 1]!,
      to: jobs[at + 2]!,
      spans: spans[jobs[at + 3]!]!,
      rows: rows[jobs[at + 4]!],
      get segment() {
        return openers[jobs[at]!]!();
      },
    };
  });
}

const cancelCheck = (control: Int32Array) => () => {
  if (Atomics.load(control, CONTROL.cancelled) !== 0) {
    throw new CancelledError('the query was cancelled');
  }
};

/** Claims jobs that no other worker has, until there are none, or somebody else's turn has come. */
function claimer(control: Int32Array, jobCount: number): () => number | null {
  let claimed = 0;
  return () => {
    if (claimed >= JOBS_PER_TURN && Atomics.load(control, CONTROL.yield) !== 0) return null;
    claimed++;
    const job = Atomics.add(control, CONTROL.next, 1);
    return job < jobCount ? job : null;
  };
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
goBehindMainThread();
const loop = new WorkerLoop(parentPort, new RealDisk(), workerData as ScratchSlot);
parentPort.on('message', (message: Message) => loop.answer(message));
