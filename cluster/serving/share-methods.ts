import type { ShareScanner, TablePart } from '../../query/index.js';
import type { NodeMethod } from '../transport/types.js';
import { HeldLookups } from './held-lookups.js';
import type { PartRef } from './part-ref.js';
import {
  ANALYSE_SHARE,
  lackingAnswer,
  readAnalyseRequest,
  readScanRequest,
  SCAN_SHARE,
  shareAnswer,
} from './share-message.js';

/** The parts that a node has, for those who ask by name. */
export interface PartSource {
  /** Holds the part until it is released; null: it is not here. Fetches it where the reference says from where. */
  open(ref: PartRef, signal: AbortSignal): Promise<OpenPart | null>;
}

export interface OpenPart {
  readonly part: TablePart;
  release(): void;
}

const ROLES = {
  servedBy: ['historical', 'realtime'],
  calledBy: ['broker', 'coordinator', 'realtime'],
} as const;

/** Pairs of lookups that a node keeps for queries to come. */
const LOOKUP_BYTES = 256 << 20;

/** How a node answers brokers: it scans what it has of the parts that they name. */
export function shareMethods(source: PartSource, shares: ShareScanner): NodeMethod[] {
  const held = new HeldLookups(LOOKUP_BYTES);
  return [
    {
      name: SCAN_SHARE,
      ...ROLES,
      async handle(request, { signal }) {
        const { share, parts, lookups, tables } = await readScanRequest(request);
        for (const table of tables) held.add(table);
        const handles = lookups.flatMap((id) => held.get(id) ?? []);
        if (handles.length < lookups.length) {
          const there = new Set(handles.map(({ contentId }) => contentId));
          return lackingAnswer(lookups.filter((id) => !there.has(id)));
        }
        return withParts(source, parts, signal, async (open, numbers, missing) => {
          const answer = await shares.scan({ ...share, lookups: handles }, open, signal);
          return shareAnswer(answer, { numbers, missing }, signal);
        });
      },
    },
    {
      name: ANALYSE_SHARE,
      ...ROLES,
      async handle(request, { signal }) {
        const { query, parts } = readAnalyseRequest(request);
        return withParts(source, parts, signal, async (open, numbers, missing) => {
          const analyses = await shares.analyse(query, open, signal);
          return { message: { analyses, numbers, missing } };
        });
      },
    },
  ];
}

/** Runs `use` with the parts that are here, their numbers, and the numbers of the others. */
async function withParts<T>(
  source: PartSource,
  refs: readonly PartRef[],
  signal: AbortSignal,
  use: (
    parts: readonly TablePart[],
    numbers: readonly number[],
    missing: readonly number[],
  ) => Promise<T>,
): Promise<T> {
  const opening = await Promise.allSettled(refs.map((ref) => source.open(ref, signal)));
  const opened = opening.map((each) => (each.status === 'fulfilled' ? each.value : null));
  try {
    const failed = opening.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const all = refs.map((_, i) => i);
    const numbers = all.filter((i) => opened[i] !== null);
    const missing = all.filter((i) => opened[i] === null);
    return await use(
      numbers.map((i) => opened[i]!.part),
      numbers,
      missing,
    );
  } finally {
    for (const each of opened) each?.release();
  }
}
