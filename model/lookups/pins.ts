import { UnavailableError, UserError } from '../../core/index.js';
import { CONTENT_ID_CHARACTERS, LookupTable } from './lookup-table.js';

/**
 * How a query sees one version of a lookup wherever it runs. Where a query is read, names are looked up in `LookupNames`; its JSON is
 * then pinned (`pin-query.ts`): every name gets the id of what the lookup holds now, `country@sha256:…`. Whoever reads that JSON later,
 * in whatever thread, finds the very same pairs, and what is remembered by the text of a query needs no care. Tables live as long as
 * somebody holds them: those that are current, and those of queries on their way.
 */

/** What lookups are called now: the table of each, or why there is none yet. */
export type LookupNames = ReadonlyMap<string, LookupTable | { readonly problem: string }>;

export const NO_LOOKUPS: LookupNames = new Map();

/** A lookup on its way to another thread. */
export interface LookupHandle {
  readonly contentId: string;
  readonly buffer: SharedArrayBuffer;
}

export interface NamedLookup extends LookupHandle {
  /** Its name, or the end of it: for those who want to know which are versions of one. */
  readonly name: string;
}

const PIN = '@sha256:';
const PIN_PATTERN = new RegExp(`${PIN}([0-9a-f]{${CONTENT_ID_CHARACTERS}})`, 'g');
const PINNED = new RegExp(`${PIN}([0-9a-f]{${CONTENT_ID_CHARACTERS}})$`);

/** The tables that somebody holds, by their contents. */
const tables = new Map<string, WeakRef<LookupTable>>();
const forget = new FinalizationRegistry((contentId: string) => {
  if (tables.get(contentId)?.deref() === undefined) tables.delete(contentId);
});

const known = (contentId: string): LookupTable | undefined => tables.get(contentId)?.deref();

/**
 * By table, as much memory, which is never touched: no page of it is ever there. The garbage collector counts it, but not shared memory, of
 * which it would leave that of tables that are replaced lying about for hours.
 */
const weights = new WeakMap<LookupTable, ArrayBuffer>();

function remember(table: LookupTable): LookupTable {
  const { contentId } = table;
  const found = known(contentId);
  if (found !== undefined) return found;
  tables.set(contentId, new WeakRef(table));
  forget.register(table, contentId);
  weights.set(table, new ArrayBuffer(table.sizeBytes));
  return table;
}

/** The table of a handle: the same as long as somebody holds it. */
export const lookupOf = ({ contentId, buffer }: LookupHandle): LookupTable =>
  known(contentId) ?? remember(new LookupTable(buffer, contentId));

/** What is being read in this thread now: names that are not pinned are of `names`. */
let reading: { readonly names: LookupNames; met: boolean } | null = null;

/** Runs `read` where lookups have these names; tells whether it met any of them. */
export function withLookups<T>(names: LookupNames, read: () => T): { result: T; met: boolean } {
  const outer = reading;
  const own = { names, met: false };
  reading = own;
  try {
    return { result: read(), met: own.met };
  } finally {
    reading = outer;
  }
}

/** The table of a lookup by its name, pinned or not. Throws a UserError that names it as the user did. */
export function lookupNamed(name: string, field?: string): LookupTable {
  const contentId = PINNED.exec(name)?.[1];
  if (contentId !== undefined) {
    const found = known(contentId);
    if (found !== undefined) return found;
    throw new UnavailableError(
      `the version of lookup [${shownLookups(name)}] that the query began with is gone; ask again`,
    );
  }
  const entry = reading?.names.get(name);
  if (reading !== null) reading.met = true;
  if (entry instanceof LookupTable) return remember(entry);
  const label = field === undefined ? '' : `${field}: `;
  throw new UserError(`${label}${whyNot(name, entry?.problem)}`, 'query', field);
}

function whyNot(name: string, problem: string | undefined): string {
  if (reading === null) {
    return `lookup [${name}]: lookups can be asked by queries only; use case_simple(x, 'key', 'value', …) here`;
  }
  if (problem !== undefined) return `Lookup [${name}] is not loaded: ${problem}`;
  const names = [...reading.names.keys()].slice(0, MAX_SHOWN);
  const hint = names.length === 0 ? 'there are none yet' : `there are [${names.join(', ')}]`;
  return `Lookup [${name}] not found: ${hint}; define it at /druid/coordinator/v1/lookups/config`;
}

const MAX_SHOWN = 20;

/** The name with the id of what the lookup holds now. One that is pinned, or means nothing, stays. */
export function pinnedName(name: string): string {
  const entry = reading?.names.get(name);
  return entry instanceof LookupTable && !isPinned(name)
    ? `${name}${PIN}${remember(entry).contentId}`
    : name;
}

export const isPinned = (name: string): boolean => PINNED.test(name);

/** A text, or JSON, with names as users wrote them. */
export const shownLookups = (text: string): string =>
  text.includes(PIN) ? text.replace(PIN_PATTERN, '') : text;

/** The lookups that the JSON of a pinned query names. */
export function lookupsIn(text: string): NamedLookup[] {
  if (!text.includes(PIN)) return [];
  const found = new Map<string, NamedLookup>();
  for (const { 0: pin, 1: contentId, index } of text.matchAll(PIN_PATTERN)) {
    const table = known(contentId!);
    // What only looks like a pin is data.
    if (table === undefined) continue;
    const name = textBefore(text, index);
    found.set(name + pin, { name, contentId: contentId!, buffer: table.buffer });
  }
  return [...found.values()];
}

/** What stands between a quote, or an escape, and a place. */
function textBefore(text: string, end: number): string {
  let from = end;
  while (from > 0 && !QUOTES.has(text[from - 1]!)) from--;
  return text.slice(from, end);
}

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '\\']);

/**
 * Makes lookups of another thread known in this one: until it is idle, and as long as what was parsed by then is held. (A new weak
 * reference, and one that was followed, holds its object until the running job ends.)
 */
export function adoptLookups(handles: readonly LookupHandle[]): void {
  for (const handle of handles) lookupOf(handle);
}
