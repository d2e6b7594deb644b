import type { PartialResult } from '../engines/engine.js';
import { BoundedMap } from '../executor/bounded-map.js';
import type { GroupDecoder } from '../interpreter/group-partial.js';
import type { NativeQuery } from '../native/query.js';
import type { TypesOf } from '../plan/column-facts.js';
import { FEW_ROWS } from '../plan/job-bundles.js';
import type { PlannedPart } from '../plan/prune.js';
import { ByteCache, type CacheCounts } from './byte-cache.js';
import { givenPartial, type KeptPartial, keptPartial, type Places } from './kept-partial.js';
import { partialQuestion } from './question.js';

/** What a segment gave: a partial per job that was not answered together with another one, in their order. Null: too much to be kept. */
type Entry = readonly KeptPartial[] | null;

/** Questions that are remembered as asked. */
const MOST_QUESTIONS = 4096;

/**
 * What queries found in published segments, by what was asked, the segment's content, and which of its rows count. So whoever asks again, be it of
 * another time, has only those segments read that are new or cut otherwise; and nothing can be out of date, for what changes has another key.
 *
 * Partials are kept when a question is asked for the second time: most are asked once, and it would take them time.
 */
export class PartialCache {
  readonly #entries: ByteCache<Entry>;
  readonly #asked = new BoundedMap<string, true>(MOST_QUESTIONS);

  constructor(
    maxBytes: number,
    private readonly maxEntryBytes: number,
    /** Where no more rows are looked at, partials are not kept; tests make it small. */
    readonly minRows = FEW_ROWS,
  ) {
    this.#entries = new ByteCache(maxBytes, maxEntryBytes);
  }

  get counts(): CacheCounts {
    return this.#entries.counts;
  }

  /** For one scan of a query that reads these columns. Null where nothing is found nor kept for it. */
  scan(query: NativeQuery, types: TypesOf, read: ReadonlySet<string>): ScanPartials | null {
    const { useCache, populateCache } = query.context;
    if (!useCache && !populateCache) return null;
    const question = partialQuestion(query, types, read);
    if (question === null) return null;
    const isAskedAgain = this.#asked.has(question);
    if (!isAskedAgain) this.#asked.add(question, true);
    return new ScanPartials(this.#entries, question, {
      minRows: this.minRows,
      mostBytes: this.maxEntryBytes,
      finds: useCache,
      keeps: populateCache && isAskedAgain,
    });
  }
}

interface ScanOptions {
  readonly minRows: number;
  readonly mostBytes: number;
  readonly finds: boolean;
  readonly keeps: boolean;
}

/** What one scan finds in the cache, and leaves there. */
export class ScanPartials {
  /** Whether partials of some part were known. */
  hasFound = false;
  /** Of parts that were not found and are to be kept. */
  readonly #missing = new Map<PlannedPart, string>();
  readonly #seen = new Set<string>();
  /** A union may name a table twice: the same rows of one segment are answered together then. */
  readonly #twice = new Set<string>();

  constructor(
    private readonly entries: ByteCache<Entry>,
    private readonly question: string,
    private readonly options: ScanOptions,
  ) {}

  /** The partials of a part, if they are known. */
  find(plan: PlannedPart): readonly PartialResult[] | null {
    const { finds, keeps } = this.options;
    const { contentId } = plan.part;
    if (contentId === undefined) return null;
    const places = placesOf(plan);
    const key = `${this.question} ${contentId}${spansText(plan, places)}`;
    const entry = finds ? this.entries.get(key) : undefined;
    if (finds) this.entries.count(!!entry);
    if (entry) {
      this.hasFound = true;
      return entry.map((each) => givenPartial(each, places, plan.spans.length));
    }
    if (!keeps || entry === null) return null;
    if (this.#seen.has(key)) this.#twice.add(key);
    this.#seen.add(key);
    this.#missing.set(plan, key);
    return null;
  }

  /**
   * Keeps what the jobs of a part found, which are all of its own; gives the same, with values for codes where these had to be made.
   */
  keep(
    plan: PlannedPart,
    partials: readonly PartialResult[],
    decoder: GroupDecoder,
  ): readonly PartialResult[] {
    const key = this.#missing.get(plan);
    if (key === undefined || this.#twice.has(key)) return partials;
    const { minRows, mostBytes } = this.options;
    if (partials.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0) < minRows) return partials;
    const kept = keptPartials(partials, decoder, placesOf(plan), mostBytes);
    if (kept === null) {
      this.entries.add(key, null, 0);
      return partials;
    }
    const bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
    this.entries.add(key, kept, bytes);
    return partials.map((partial, i) => withoutCodes(partial, kept[i]!));
  }
}

/** Null where they take more than so many bytes. */
function keptPartials(
  partials: readonly PartialResult[],
  decoder: GroupDecoder,
  places: Places,
  mostBytes: number,
): readonly KeptPartial[] | null {
  const kept: KeptPartial[] = [];
  let left = mostBytes;
  for (const partial of partials) {
    const own = keptPartial(partial, decoder, places, left);
    if (own === null) return null;
    kept.push(own);
    left -= own.bytes;
  }
  return kept;
}

/** Which rows of the part count, whatever the intervals of the query. */
function spansText({ part, spans }: PlannedPart, places: Places): string {
  let text = '';
  for (const place of places) {
    const { startMs, endMs } = spans[place]!;
    text += ` ${Math.max(startMs, part.minTimeMs)} ${Math.min(endMs, part.maxTimeMs + 1)}`;
  }
  return text;
}

/** The spans that rows of the part may lie in. */
function placesOf({ part, spans }: PlannedPart): Places {
  const { minTimeMs, maxTimeMs } = part;
  return spans.flatMap(({ startMs, endMs }, i) =>
    Math.max(startMs, minTimeMs) < Math.min(endMs, maxTimeMs + 1) ? [i] : [],
  );
}

/** A partial whose keys are values by now need not be decoded again, and holds no segment. */
function withoutCodes(partial: PartialResult, { partial: own }: KeptPartial): PartialResult {
  if (partial.kind !== 'groups' || own.kind !== 'groups') return partial;
  return { ...partial, keys: own.keys };
}
