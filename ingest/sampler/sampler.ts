import { Worker } from 'node:worker_threads';
import {
  CapacityError,
  decodeError,
  InternalError,
  type JsonObject,
  UnavailableError,
  UserError,
  type WireError,
  workerEntry,
} from '../../core/index.js';
import type { InputEnvironment, SegmentFetcher, SegmentSlice } from '../input/sources/source.js';
import type { Publisher, TableReader } from '../publisher.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { sliceOf } from '../tasks/types/index-task.js';
import { parseSamplerSpec } from './sampler-spec.js';
import { WantedFiles } from './wanted-files.js';

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

/** From the worker; whoever wants a file is told where it is. */
export type SamplerReport =
  | { readonly kind: 'wants'; readonly stored: unknown }
  | { readonly kind: 'answer'; readonly answer: JsonObject }
  | { readonly kind: 'failed'; readonly error: WireError };

/** Shows what would become of the first rows of a task's input; each request runs in a thread of its own. */
export class Sampler {
  #running = 0;

  constructor(
    private readonly publisher: Pick<Publisher, 'read'>,
    private readonly input: InputEnvironment,
    /** For files of tables that are not on this disk. */
    private readonly fetch: SegmentFetcher = noFetching,
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
    try {
      return await this.#read(task, (slices) =>
        this.#run(body, slices, limits.timeoutMs + GRACE_MS),
      );
    } finally {
      this.#running--;
    }
  }

  /** With what inputs that are tables read. */
  async #read<T>(task: TaskSpec, run: (slices: SamplerJob['slices']) => Promise<T>): Promise<T> {
    if (task.inputs.every(({ format }) => format !== null)) return run([]);
    const reader = await this.publisher.read();
    try {
      return await run(slicesOf(task, reader));
    } finally {
      reader.release();
    }
  }

  async #run(body: unknown, slices: SamplerJob['slices'], deadlineMs: number): Promise<JsonObject> {
    const { localRoots, httpHosts, maxEntityBytes } = this.input;
    const workerData: SamplerJob = {
      body,
      slices,
      settings: { localRoots, httpHosts, maxEntityBytes },
    };
    const worker = new Worker(ENTRY, { name: 'varve-sampler', workerData });
    const files = new WantedFiles(this.fetch);
    try {
      return await outcome(worker, files, AbortSignal.timeout(deadlineMs), deadlineMs);
    } finally {
      files.close();
      await worker.terminate();
    }
  }
}

const slicesOf = ({ inputs }: TaskSpec, reader: TableReader): SamplerJob['slices'] =>
  inputs.map(({ source, format }) => {
    if (format !== null) return [];
    const { dataSource, interval } = source.table;
    return reader.visibleSegments(dataSource, interval).map(sliceOf);
  });

const noFetching: SegmentFetcher = async () => {
  throw new InternalError('all files of tables are on this disk');
};

function outcome(
  worker: Worker,
  files: WantedFiles,
  late: AbortSignal,
  deadlineMs: number,
): Promise<JsonObject> {
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
      else if (report.kind === 'wants') {
        void files.next(report.stored).then((answer) => worker.postMessage(answer));
      } else reject(decodeError(report.error));
    });
  });
}
