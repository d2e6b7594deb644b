import type { Clock, Disk, Random } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import { readInputs } from '../input/read-inputs.js';
import type { InputEnvironment, SegmentSlice } from '../input/sources/source.js';
import type { ChunkSegment } from '../publisher.js';
import { BatchReader } from '../rows/batch-reader.js';
import { RowCounter } from '../rows/row-counter.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { directoryName, randomHex } from './file-names.js';
import { withKnownTypes } from './known-types.js';
import type { ParseException, Progress, RowStats } from './progress.js';
import { ProgressMeter } from './progress-meter.js';
import { SegmentBuilder } from './segment-builder.js';
import { TimeChunks } from './time-chunks.js';
import { untilAborted } from './until-aborted.js';

/** One run of a task: from its input to segment files that nobody sees yet. */
export interface BatchJob {
  readonly taskId: string;
  readonly spec: TaskSpec;
  /** When appending, the chunks there are: a row goes into the first one that holds its time. */
  readonly chunkIntervals: readonly Interval[];
  /** By input of the spec: what a source that is a table reads, nothing for the others. */
  readonly slices: readonly (readonly SegmentSlice[])[];
  /** When aborted, the job rejects with its reason at the next batch or segment. */
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

export interface BatchResult {
  readonly segments: readonly ChunkSegment[];
  readonly stats: RowStats;
  readonly parseExceptions: readonly ParseException[];
}

export type BatchRunner = (job: BatchJob) => Promise<BatchResult>;

/** The world a job runs in. */
export interface BatchEnvironment {
  readonly input: InputEnvironment;
  readonly disk: Disk;
  /** Segment files go to a directory per data source below this one. */
  readonly segmentsDir: string;
  /** Rows that do not fit into memory go to a directory of the job's own below this one. */
  readonly temporaryDir: string;
  readonly random: Random;
  readonly clock: Clock;
  /** What collected rows may take, about. */
  readonly memoryBytes?: number;
}

/**
 * Reads a task's input and writes its segment files, durable and under names never used before.
 * Whatever it rejects with, no file of it is left.
 */
export async function runBatchJob(
  given: BatchJob,
  environment: BatchEnvironment,
): Promise<BatchResult> {
  const { disk, random, segmentsDir } = environment;
  const job = withKnownTypes(given, disk);
  const temporaryDir = `${environment.temporaryDir}/${randomHex(random)}`;
  const { memoryBytes } = environment;
  const chunks = new TimeChunks(job.spec.granularity.segmentGranularity, job.chunkIntervals);
  const builder = new SegmentBuilder(job.spec, {
    disk,
    random,
    chunkOf: (timeMs) => chunks.spanAt(timeMs),
    temporaryDir,
    directory: `${segmentsDir}/${directoryName(job.spec.dataSource)}`,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  try {
    const result = await build(job, environment, builder);
    disk.removeTree(temporaryDir);
    return result;
  } catch (error) {
    attempt(() => builder.discard());
    attempt(() => disk.removeTree(temporaryDir));
    throw error;
  }
}

/** Tidies up after a failure, which is what the caller must hear of; start-up removes what is left. */
function attempt(tidyUp: () => void): void {
  try {
    tidyUp();
  } catch {}
}

async function build(
  job: BatchJob,
  environment: BatchEnvironment,
  builder: SegmentBuilder,
): Promise<BatchResult> {
  const { spec, signal, onProgress } = job;
  const { clock } = environment;
  const reader = new BatchReader(spec);
  const counter = new RowCounter(spec.tuning, clock);
  const meter = new ProgressMeter(clock, counter, onProgress);
  const slices = takeSorted(job, builder, counter);
  const batches = readInputs(spec.inputs, slices, environment.input);
  try {
    for await (const batch of untilAborted(batches, signal)) {
      const { cursor, kept, fates } = reader.read(batch);
      counter.count(batch, fates);
      builder.add(cursor, kept, reader.dimensions);
      meter.tick();
      await pause(signal);
    }
    meter.enter('MERGE');
    const segments = await builder.finish(reader.dimensions, () => {
      meter.tick();
      return pause(signal);
    });
    return { segments, stats: counter.stats, parseExceptions: counter.parseExceptions };
  } finally {
    // Also of a failure: its report says how far the task came, and which rows were bad.
    meter.tell();
  }
}

/** Takes what can be merged as it is; gives what is left to be read, by input. */
function takeSorted(
  { spec, slices }: BatchJob,
  builder: SegmentBuilder,
  counter: RowCounter,
): BatchJob['slices'] {
  return spec.inputs.map(({ source, format }, i) => {
    const all = slices[i] ?? [];
    if (format !== null || source.isFiltered) return all;
    const parts = builder.parts(all);
    for (const file of parts.files) {
      counter.countStored(file.rowCount, file.piece.sizeBytes);
      builder.addFile(file);
    }
    return parts.slices;
  });
}

/** Lets other work of this thread have its turn; throws when the job is aborted. */
async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
