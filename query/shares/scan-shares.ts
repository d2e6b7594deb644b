import { type JsonObject, stringifyJson } from '../../core/index.js';
import { type LookupHandle, lookupsIn } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import type { ScanEngine } from '../engines/engine.js';
import type { RightRows } from '../executor/executor.js';
import { leafQuery } from '../expansion/sources.js';
import type { NativeQuery } from '../native/query.js';
import { knownResult } from '../plan/collected.js';
import { noteMissing } from '../plan/gaps.js';
import { prune } from '../plan/prune.js';
import type { ScanOptions, ScanResult, ScanResults } from '../plan/scan-parts.js';
import { withoutTable } from '../plan/worker-spec.js';
import type { TablePart } from '../tables.js';
import {
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
  const { stats, room } = options;
  const planned = prune(leafQuery(query), parts, options.types);
  stats.segmentsPruned += parts.length - planned.length;
  /** By part; those before `first` are all there. */
  const found: ScanResult[][] = planned.map(() => []);
  const waiting = new Set<number>();
  const asked: number[] = [];
  let first = 0;
  for (const [i, plan] of planned.entries()) {
    const known = engine.withoutScan(query, plan.facts);
    if (known === null) {
      asked.push(i);
      waiting.add(i);
    } else {
      found[i]!.push(knownResult(plan, known));
    }
  }
  stats.segmentsPruned += planned.length - asked.length;
  const spec = withoutTable(query);
  const told: ToldSummaries[] = [];
  try {
    const wanted = asked.map((i) => planned[i]!.part);
    const intake: ShareIntake = {
      take: (partial) => room.take(partial, spec, options.limits, signal),
      drop: (partial) => room.drop(partial),
      onLost: options.mayMiss ? lostOf(query, wanted, options) : null,
    };
    const answers =
      wanted.length === 0 ? [] : holder.scan(shareOf(spec, options), wanted, intake, signal);
    for await (const { parts: numbers, absent, answer } of answers) {
      for (const { part, segmentId, partial } of answer.items) {
        const result = { partial, segmentId, decoder: null, source: null };
        found[asked[numbers[part]!]!]!.push(result);
      }
      addStats(options, answer);
      told.push(answer.summaries);
      for (const number of numbers) waiting.delete(asked[number]!);
      for (const number of absent) waiting.add(asked[number]!);
      while (first < planned.length && !waiting.has(first)) first++;
      if (options.isEnough(found.slice(0, first).flat())) break;
    }
  } catch (error) {
    room.release();
    throw error;
  }
  const ids = planned.map(({ part }) => segmentIdText(part.id));
  addSummaries(stats, query.context, told, ids);
  return { results: found.flat(), spec, release: () => room.release() };
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
