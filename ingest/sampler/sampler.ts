import { Worker } from 'node:worker_threads';
import {
  CapacityError,
  decodeError,
  type JsonObject,
  UnavailableError,
  UserError,
  type WireError,
  workerEntry,
} from '../../core/index.js';
import type { InputEnvironment, SegmentSlice } from '../input/sources/source.js';
import type { Publisher } from '../publisher.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { parseSamplerSpec } from './sampler-spec.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/sampler', './sampler-worker.js');

/** Requests at the same time: each has a thread. */
const MAX_RUNNING = 4;
const RETRY_AFTER_MS = 1000;

/** Beyond the time that is asked for: a source may hang, or a record take long. */
const GRACE_MS = 5000;

/** The `workerData` of a worker: one request. */
export interface SamplerJob {
  readonly body: unknown;
  readonly slices: readonly (readonly SegmentSlice[])[];
  readonly settings: Pick<InputEnvironment, 'localRoots' | 'httpHosts' | 'maxEntityBytes'>;
}

/** From the worker. */
export type SamplerReport =
  | { readonly kind: 'answer'; readonly answer: JsonObject }
  | { readonly kind: 'failed'; readonly error: WireError };

/** Shows what would become of the first rows of a task's input; each request runs in a thread of its own. */
export class Sampler {
  #running = 0;

  constructor(
    private readonly publisher: Pick<Publisher, 'visibleSegments' | 'holdFiles'>,
    private readonly input: InputEnvironment,
  ) {}

  /**
   * Answers a request as Druid's sampler does. Throws UserError for what is wrong with it or with its input, CapacityError when too
   * many run.
   */
  async sample(body: JsonObject): Promise<JsonObject> {
    const { task, limits } = parseSamplerSpec(body);
    for (const { source } of task.inputs) source.check(this.input);
    if (this.#running >= MAX_RUNNING) {
      throw new CapacityError(`${MAX_RUNNING} samples are being read; try again`, RETRY_AFTER_MS);
    }
    this.#running++;
    const letGo = this.publisher.holdFiles();
    try {
      return await this.#run(body, this.#slices(task), limits.timeoutMs + GRACE_MS);
    } finally {
      letGo();
      this.#running--;
    }
  }

  /** What inputs that are tables read. */
  #slices({ inputs }: TaskSpec): SamplerJob['slices'] {
    return inputs.map(({ source, format }) => {
      if (format !== null) return [];
      const { dataSource, interval } = source.table;
      return this.publisher
        .visibleSegments(dataSource, interval)
        .map((segment) => ({ path: segment.path, interval: segment.interval }));
    });
  }

  async #run(body: unknown, slices: SamplerJob['slices'], deadlineMs: number): Promise<JsonObject> {
    const { localRoots, httpHosts, maxEntityBytes } = this.input;
    const workerData: SamplerJob = {
      body,
      slices,
      settings: { localRoots, httpHosts, maxEntityBytes },
    };
    const worker = new Worker(ENTRY, { name: 'varve-sampler', workerData });
    try {
      return await outcome(worker, AbortSignal.timeout(deadlineMs), deadlineMs);
    } finally {
      await worker.terminate();
    }
  }
}

function outcome(worker: Worker, late: AbortSignal, deadlineMs: number): Promise<JsonObject> {
  return new Promise((resolve, reject) => {
    late.addEventListener('abort', () =>
      reject(
        new UserError(
          `no row could be read in ${deadlineMs} ms; check that the input source answers`,
          'request',
        ),
      ),
    );
    worker.on('error', ({ message }) =>
      reject(new UnavailableError(`the thread of the sampler crashed: ${message}`)),
    );
    worker.on('exit', (code) =>
      reject(new UnavailableError(`the thread of the sampler ended with code ${code}`)),
    );
    worker.on('message', (report: SamplerReport) => {
      if (report.kind === 'answer') resolve(report.answer);
      else reject(decodeError(report.error));
    });
  });
}
