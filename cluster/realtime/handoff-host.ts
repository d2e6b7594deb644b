import {
  CapacityError,
  ConflictError,
  type Logger,
  pause,
  QueryTimeoutError,
  type Random,
  type Timers,
  UnavailableError,
} from '../../core/index.js';
import type {
  ChunkSegment,
  HandoffRequest,
  HandoffSegments,
  HostMethods,
  LiveUpdate,
  PushCatalog,
} from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { PutSegment } from './put-segments.js';

export interface HandoffHostOptions {
  /** The catalogue of this node's log. */
  readonly catalog: PushCatalog;
  /** As of now, not as they were last heard of. */
  chunkIntervals(dataSource: string): Promise<readonly Interval[]>;
  readonly put: PutSegment;
  /** Gives up what was put and will not be published. Never throws. */
  release(segments: readonly ChunkSegment[]): Promise<void>;
  removeFile(path: string): void;
  announce(update: LiveUpdate): void;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Raised when the node ends: then nothing is tried again. */
  readonly signal: AbortSignal;
}

/** How often a step is tried. The worker tries a handoff that failed again, after it had time for others. */
const TRIES = 4;
const FIRST_PAUSE_MS = 250;

/**
 * What the push worker of a realtime node asks for. Files go into deep storage before they are published; what was put
 * there is remembered until then, so that a handoff that is tried again goes on where it was, and publishes the same.
 */
export function handoffHost(options: HandoffHostOptions): HostMethods {
  const { catalog } = options;
  const stored = new Map<string, ChunkSegment>();

  const putOnce = async (dataSource: string, segment: ChunkSegment): Promise<ChunkSegment> => {
    const { path } = segment.sealed;
    const known = stored.get(path);
    if (known !== undefined) return known;
    const put = await patiently(options, () => options.put(dataSource, segment, options.signal));
    stored.set(path, put);
    return put;
  };

  const withCopies = async (
    segments: HandoffRequest['segments'],
  ): Promise<HandoffRequest['segments']> => {
    const all = new Map<string, HandoffSegments>();
    for (const [dataSource, { chunkIntervals, segments: files }] of segments) {
      const put: ChunkSegment[] = [];
      for (const file of files) put.push(await putOnce(dataSource, file));
      all.set(dataSource, { chunkIntervals, segments: put });
    }
    return all;
  };

  return {
    tables: () => patiently(options, () => catalog.tables()),
    // Not repeated: it would add a version each time.
    declare: ({ name, spec, position }) => catalog.declare(name, spec, position),
    open: ({ name, position }) => patiently(options, () => catalog.open(name, position)),
    async publish(request) {
      try {
        const segments = await withCopies(request.segments);
        // A repeat of it changes nothing, so that an unknown outcome does not matter.
        await patiently(options, () => catalog.publish({ ...request, segments }));
      } catch (error) {
        // What is sealed anew are other files.
        if (error instanceof ConflictError) {
          const paths = pathsOf(request);
          await options.release(paths.flatMap((path) => stored.get(path) ?? []));
          for (const path of paths) stored.delete(path);
        }
        throw error;
      }
      for (const path of pathsOf(request)) {
        stored.delete(path);
        removeQuietly(options, path);
      }
    },
    chunkIntervals: (dataSource) => patiently(options, () => options.chunkIntervals(dataSource)),
    announce: (update) => options.announce(update),
  };
}

const pathsOf = ({ segments }: HandoffRequest): string[] =>
  [...segments.values()].flatMap((each) => each.segments.map(({ sealed }) => sealed.path));

/** It is published: a file that stays is found at the next start. */
function removeQuietly({ removeFile, logger }: HandoffHostOptions, path: string): void {
  try {
    removeFile(path);
  } catch (error) {
    logger.warn({ path, err: error }, 'a file that is in deep storage could not be removed');
  }
}

/** Tries again, later and later, what failed because something was away. */
async function patiently<T>(
  { timers, random, signal, logger }: HandoffHostOptions,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tries === TRIES) throw error;
      logger.warn({ err: error, tries }, 'a step of a handoff failed; it is tried again');
      const longest = FIRST_PAUSE_MS * 2 ** tries;
      await pause(timers, longest / 2 + (random.nextUint32() % (longest / 2)), signal);
    }
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof UnavailableError ||
  error instanceof CapacityError ||
  error instanceof QueryTimeoutError;
