import { type JsonObject, stringifyJson } from '../../core/index.js';
import { type LookupHandle, lookupsIn } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import type { ScanEngine } from '../engines/engine.js';
import type { RightRows } from '../executor/executor.js';
import { leafQuery } from '../expansion/sources.js';
import type { NativeQuery } from '../native/query.js';
import { knownResult } from '../plan/collected.js';
import { noteMissing } from '../plan/gaps.js';
import { type PlannedPart, prune } from '../plan/prune.js';
import type { ScanOptions, ScanResult, ScanResults } from '../plan/scan-parts.js';
import { withoutTable } from '../plan/worker-spec.js';
import type { TablePart } from '../tables.js';
import {
  type FoundShare,
  type PartHolder,
  SHARE_STATS,
  type ShareAnswer,
  type ShareIntake,
  type ShareQuery,
  type ShareRight,
} from './share.js';
import { addSummaries, type ToldSummaries } from './told-summaries.js';

/**
 * As `scanParts`, of parts that others have: what they find is put in the order of the parts, whoever found it, whenever it came. When the first
 * parts suffice, the others are not waited for.
 */
export async function scanShares(
  engine: ScanEngine,
  query: NativeQuery,
  parts: readonly TablePart[],
  holder: PartHolder,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const { stats, room, limits } = options;
  const planned = prune(leafQuery(query), parts, options.types);
  const found = new FoundParts(engine, query, planned);
  const wanted = found.asked.map((i) => planned[i]!.part);
  stats.segmentsPruned += parts.length - wanted.length;
  const context = { spec: withoutTable(query), limits, signal };
  const told: ToldSummaries[] = [];
  const intake: ShareIntake = {
    take: (partial) => room.take(partial, context),
    drop: (partial) => room.drop(partial),
    onLost: options.mayMiss ? lostOf(query, wanted, options) : null,
  };
  try {
    const share = shareOf(context.spec, options);
    const answers = wanted.length === 0 ? [] : holder.scan(share, wanted, intake, signal);
    for await (const each of answers) {
      found.add(each);
      addStats(options, each.answer);
      told.push(each.answer.summaries);
      if (options.isEnough(found.first)) break;
    }
    const ids = planned.map(({ part }) => segmentIdText(part.id));
    addSummaries(stats, query.context, told, ids);
    const results = await room.settled(found.all, context);
    return { results, spec: context.spec, release: () => room.release() };
  } catch (error) {
    room.release();
    throw error;
  }
}

/** What was found in parts, in their order. */
class FoundParts {
  /** Numbers of those that have to be scanned. */
  readonly asked: readonly number[];
  /** By part. */
  readonly #results: ScanResult[][];
  readonly #waiting: Set<number>;
  /** What is of parts before it is all there. */
  #end = 0;

  constructor(engine: ScanEngine, query: NativeQuery, planned: readonly PlannedPart[]) {
    this.#results = planned.map((plan) => {
      const known = engine.withoutScan(query, plan.facts);
      return known === null ? [] : [knownResult(plan, known)];
    });
    this.asked = [...planned.keys()].filter((i) => this.#results[i]!.length === 0);
    this.#waiting = new Set(this.asked);
  }

  add({ parts, absent, answer }: FoundShare): void {
    const numberOf = (part: number) => this.asked[part]!;
    for (const { part, segmentId, partial } of answer.items) {
      const result = { partial, segmentId, decoder: null, source: null };
      this.#results[numberOf(parts[part]!)]!.push(result);
    }
    for (const part of parts) this.#waiting.delete(numberOf(part));
    for (const part of absent) this.#waiting.add(numberOf(part));
    while (this.#end < this.#results.length && !this.#waiting.has(this.#end)) this.#end++;
  }

  get all(): ScanResult[] {
    return this.#results.flat();
  }

  /** Of the first parts, as far as all of them are there. */
  get first(): ScanResult[] {
    return this.#results.slice(0, this.#end).flat();
  }
}

const lostOf =
  (query: NativeQuery, parts: readonly TablePart[], { stats }: ScanOptions) =>
  (numbers: readonly number[]) =>
    noteMissing(
      stats,
      query,
      numbers.map((number) => parts[number]!),
    );

function shareOf(query: JsonObject, { types, limits, rights }: ScanOptions): ShareQuery {
  const lookups: LookupHandle[] = lookupsIn(stringifyJson(query));
  for (const { source } of rights) if (source.kind === 'lookup') lookups.push(source.handle);
  return { query, types: [...types], limits, lookups, rights: rights.map(shareRight) };
}

function shareRight({ source, seen }: RightRows): ShareRight {
  if (source.kind === 'lookup') return { kind: 'lookup', contentId: source.handle.contentId };
  if (source.kind === 'rows') return { kind: 'rows', block: source.block, keeps: seen !== null };
  throw new TypeError('right sides are rows or lookups');
}

function addStats({ stats, rights }: ScanOptions, answer: ShareAnswer): void {
  for (const name of SHARE_STATS) stats[name] += answer.stats[name];
  const kept = rights.flatMap(({ seen }) => seen ?? []);
  for (const [i, seen] of answer.seen.entries()) {
    for (let row = 0; row < seen.length; row++) kept[i]![row]! |= seen[row]!;
  }
}
