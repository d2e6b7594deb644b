import { invariant, type JsonObject } from '../../core/index.js';
import { encodeAnalysis, type WireAnalysis } from '../engines/analysis-wire.js';
import { analyseParts } from '../engines/segment-metadata.js';
import { parseNativeQuery } from '../native/registry.js';
import { ROWS_PER_JOB } from '../plan/row-ranges.js';
import type { QueryEngineOptions } from '../query-engine.js';
import { emptyStats } from '../result.js';
import type { QueryRooms } from '../spill/query-rooms.js';
import { FEW_RECORDS } from '../star/read-trees.js';
import type { TablePart } from '../tables.js';
import { answerShare, readShare } from './answer-share.js';
import type { HeldAnswer, ShareQuery } from './share.js';

/** Answers for parts of this process what other processes ask of them. Throws as `QueryEngine.run` does. */
export class ShareScanner {
  constructor(
    private readonly options: QueryEngineOptions,
    private readonly rooms: QueryRooms,
  ) {}

  /** The memory of the answer counts until it is released. */
  async scan(
    share: ShareQuery,
    parts: readonly TablePart[],
    signal: AbortSignal,
  ): Promise<HeldAnswer> {
    const query = readShare(share);
    const { executor, clock, caches, rowsPerJob = ROWS_PER_JOB } = this.options;
    const { fewRecords = FEW_RECORDS } = this.options;
    const shared = { executor, clock, rowsPerJob, fewRecords, partials: caches?.partials ?? null };
    const stats = emptyStats();
    const { room, close } = this.rooms.open(query.context, emptyStats());
    try {
      const answer = await answerShare(share, query, parts, { room, stats, ...shared }, signal);
      return { ...answer, release: onlyOnce(close) };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** What is known of the parts, for a segmentMetadata query. */
  async analyse(
    json: JsonObject,
    parts: readonly TablePart[],
    signal: AbortSignal,
  ): Promise<readonly WireAnalysis[]> {
    const query = parseNativeQuery(json);
    invariant(query.queryType === 'segmentMetadata', 'others scan');
    return (await analyseParts(query, parts, signal)).map(encodeAnalysis);
  }
}

function onlyOnce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= run();
    return running;
  };
}
