import type { JsonObject } from '../../core/index.js';
import type { BatchJob } from '../batch/batch-job.js';
import type { InputEnvironment } from '../input/sources/source.js';
import type { PublishBasis, Publisher } from '../publisher.js';

/** A checked task of whatever type. */
export interface Task {
  readonly type: string;
  /** The id the client chose; null to make one. */
  readonly id: string | null;
  readonly dataSource: string;
  /** The JSON as submitted. */
  readonly json: JsonObject;
  /** Throws UserError for what the server's configuration does not allow. */
  check(input: InputEnvironment): void;
  /** What to build and publish, decided when its turn has come, from what the tables hold then. */
  plan(tables: StoredTables): BatchPlan;
}

export type StoredTables = Pick<Publisher, 'chunkIntervals' | 'visibleSegments'>;

/** The part of a job that comes from the task, and what of the table it rests on. */
export interface BatchPlan extends Pick<BatchJob, 'spec' | 'chunkIntervals' | 'slices'> {
  readonly basis: PublishBasis | null;
}
