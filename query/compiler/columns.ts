import type { Long } from '../../core/index.js';
import type { RowSet } from '../../indexes/index.js';
import {
  type ColumnReader,
  NULL_READER,
  type RowSource,
  rowColumn,
  type Value,
  type VirtualColumn,
  withVirtualColumns,
} from '../../model/index.js';
import type { ScanColumn, Segment, SegmentCursor } from '../../segments/index.js';
import { DEFAULT_RULES, type FilterRules } from '../filter/filter-rules.js';
import type { ScratchSlot } from '../interpreter/target.js';
import { longAt } from './long-at.js';
import { RunWords } from './run-words.js';
import { Scratch } from './scratch.js';
import { TextBytes } from './text-bytes.js';
import { Underway } from './underway.js';
import { aliasOf } from './whole-values.js';

/** As many codes may a column of small integers have to be treated like a dictionary. */
const MAX_NUMBER_CODES = 65_536;

/** As many combinations of codes may several columns have to be treated like one of them. */
const MAX_COMBINATIONS = 65_536;

/**
 * A column whose rows hold small codes, each of which stands for one cell: a dictionary, or integers
 * of a narrow range. Whatever is computed from it alone is computed once per code.
 */
export interface CodeColumn {
  readonly name: string;
  readonly scan: ScanColumn;
  /** Codes are 0 … size-1. A null of a numeric column, which has no entry of its own, is the last one. */
  readonly size: number;
  readonly nullCode: number | null;
  readonly multiValue: boolean;
  value(code: number): Value;
}

/** Whether codes mean the same when there are more of them: a null of numbers is always the last one. */
export const keepsCodes = ({ scan }: CodeColumn): boolean => scan.layout === 'ids';

/** Rows that stand on a code instead of a row. */
export interface CodeSource extends RowSource {
  code: number;
}

/** What the names in a query lead to, in one segment. */
export class Columns extends Underway {
  readonly runs = new RunWords();
  /** By number of a mask: rows that indexes told. */
  readonly masks: RowSet[] = [];
  readonly #cursor: SegmentCursor;
  readonly #virtual: ReadonlyMap<string, VirtualColumn>;
  readonly #codes = new Map<string, CodeColumn | null>();
  readonly #aliases = new Map<string, string | null>();

  constructor(
    readonly segment: Segment,
    readonly virtualColumns: readonly VirtualColumn[],
    /** Where this thread may write while it takes a plan apart; null where it may not. */
    private readonly scratchSlot: ScratchSlot | null = null,
    readonly rules: FilterRules = DEFAULT_RULES,
  ) {
    super();
    this.#cursor = segment.cursor();
    this.#virtual = new Map(virtualColumns.map((column) => [column.name, column]));
  }

  /** Room to search in, until the next one asks for it; null where there is none. */
  scratch(): Scratch | null {
    const { scanMemory } = this.segment;
    return scanMemory === null || this.scratchSlot === null
      ? null
      : Scratch.of(scanMemory, this.scratchSlot);
  }

  /** Null for stored columns, and for virtual ones that give one of these as it is. */
  virtual(name: string): VirtualColumn | null {
    return this.#alias(name) === null ? (this.#virtual.get(name) ?? null) : null;
  }

  /** The layout of a column that is stored; null for others. */
  stored(name: string): ScanColumn | null {
    const alias = this.#alias(name);
    if (alias !== null) return this.segment.scanColumn(alias);
    return this.#virtual.has(rowColumn(name)) ? null : this.segment.scanColumn(name);
  }

  /** Whether there is a column of this name. One that is not there is null in every row. */
  exists(name: string): boolean {
    return this.#virtual.has(rowColumn(name)) || this.#place(name) !== null;
  }

  /** The stored columns behind names; a virtual column stands for what it reads. */
  storedBehind(names: Iterable<string>): ReadonlySet<string> {
    const seen = new Set<string>();
    const stored = new Set<string>();
    const follow = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const virtual = this.#virtual.get(rowColumn(name));
      if (virtual === undefined) {
        const place = this.#place(name);
        if (place !== null) stored.add(place);
      } else if (name === virtual.name) for (const input of virtual.inputs) follow(input);
      else follow(virtual.name);
    };
    for (const name of names) follow(name);
    return stored;
  }

  /** The one code column that all of the names come down to; null when there is not exactly one. */
  onlyCodes(names: Iterable<string>): CodeColumn | null {
    const [name, ...others] = this.storedBehind(names);
    return name === undefined || others.length > 0 ? null : this.codes(name);
  }

  /** The stored column as codes; null when its cells are too many. */
  codes(asked: string): CodeColumn | null {
    const name = this.#alias(asked) ?? asked;
    const known = this.#codes.get(name);
    if (known !== undefined) return known;
    const codes = this.#codesOf(name);
    this.#codes.set(name, codes);
    return codes;
  }

  /** Whether all codes that were asked for are as many in another snapshot of the segment, and stand for the same. */
  holdsFor(segment: Segment): boolean {
    const others = new Columns(segment, this.virtualColumns);
    return Array.from(this.#codes).every(([name, codes]) => areAlike(codes, others.codes(name)));
  }

  /** The texts of a column in memory, or those from a code on; null where its codes stand for something else. */
  textBytes({ scan }: CodeColumn, from = 0): TextBytes | null {
    const { scanMemory } = this.segment;
    return scan.texts === null || scanMemory === null
      ? null
      : new TextBytes(scanMemory.memory, scan.texts, scan.size, from);
  }

  /** The columns that the names come down to, where even their combinations are few; else null. */
  fewCodes(names: Iterable<string>): readonly CodeColumn[] | null {
    const columns = Array.from(this.storedBehind(names), (name) => this.codes(name));
    const size = columns.reduce((all, column) => all * (column?.size ?? Infinity), 1);
    // Few rows are looked at sooner than many combinations.
    const most = Math.min(MAX_COMBINATIONS, Math.max(1024, this.segment.rowCount));
    return size > most ? null : (columns as CodeColumn[]);
  }

  /** The columns of the query, at the row that a cursor of their own stands on. */
  rows(): { readonly cursor: SegmentCursor; readonly source: RowSource } {
    const cursor = this.segment.cursor();
    return { cursor, source: withVirtualColumns(cursor, this.virtualColumns) };
  }

  /** The columns of the query over codes instead of rows. */
  over(column: CodeColumn | null): CodeSource {
    return this.overAll(column === null ? [] : [column]);
  }

  /** Over combinations of codes, which are numbered as `codeOfAll` does. */
  overAll(columns: readonly CodeColumn[]): CodeSource {
    const position = { code: 0 };
    const readers = new Map<string, ColumnReader>();
    let stride = 1;
    for (const column of columns) {
      const own = columns.length === 1 ? position : part(position, stride, column.size);
      readers.set(column.name, codeReader(column, own));
      stride *= column.size;
    }
    const stored: RowSource = { column: (name) => readers.get(name) ?? NULL_READER };
    const source = withVirtualColumns(stored, this.virtualColumns);
    return Object.assign(position, { column: (name: string) => source.column(name) });
  }

  /** The stored column that a virtual one of the name gives as it is. */
  #alias(name: string): string | null {
    const known = this.#aliases.get(name);
    if (known !== undefined) return known;
    const virtual = this.#virtual.get(name);
    const isOfVirtual = virtual?.inputs.some((input) => this.#virtual.has(rowColumn(input)));
    const alias = virtual === undefined || isOfVirtual ? null : aliasOf(this.segment, virtual);
    this.#aliases.set(name, alias);
    return alias;
  }

  /**
   * The stored column that has what the name asks for; null where that is null in every row. A path may lead into a
   * column that knows nothing of paths.
   */
  #place(name: string): string | null {
    const { segment } = this;
    const described = segment.describe(name);
    if (described === null) return segment.describe(rowColumn(name))?.name ?? null;
    const isNothing = rowColumn(name) !== name && segment.scanColumn(name) === null;
    return isNothing ? null : described.name;
  }

  #codesOf(name: string): CodeColumn | null {
    const scan = this.segment.scanColumn(name);
    if (scan === null) return null;
    if (scan.layout === 'ids') {
      const { dictionary, multiValue } = this.#cursor.column(name);
      if (dictionary === undefined) return null;
      const value = (code: number) => dictionary.value(code);
      return { name, scan, size: scan.size, nullCode: null, multiValue, value };
    }
    if (scan.layout === 'constant') return constantCodes(name, scan);
    if (scan.layout === 'codes') return this.#dictionaryCodes(name, scan);
    return scan.layout === 'deltas' ? this.#numberCodes(name, scan) : null;
  }

  #numberCodes(name: string, scan: ScanColumn): CodeColumn | null {
    const { stats } = this.segment.describe(name)!;
    const { base, unit } = scan;
    if (typeof base !== 'number' || typeof stats.max !== 'number') return null;
    const count = (stats.max - base) / unit + 1;
    if (count > MAX_NUMBER_CODES) return null;
    return codesOfNumbers(name, scan, count, (code) => base + unit * code);
  }

  #dictionaryCodes(name: string, scan: ScanColumn): CodeColumn | null {
    const { scanMemory } = this.segment;
    if (scanMemory === null) return null;
    const view = new DataView(scanMemory.memory.buffer, scan.values!);
    return codesOfNumbers(name, scan, scan.size, dictionaryNumbers(view, scan.type));
  }
}

/** Numbers are told by where they begin: of a column that had none so far, anywhere. */
const areAlike = (a: CodeColumn | null, b: CodeColumn | null): boolean =>
  a?.size === b?.size &&
  a?.nullCode === b?.nullCode &&
  a?.scan.base === b?.scan.base &&
  a?.scan.unit === b?.scan.unit;

/** One of the codes in a combination. */
const part = (position: { readonly code: number }, stride: number, size: number) => ({
  get code(): number {
    return Math.floor(position.code / stride) % size;
  },
});

/** Numbers by code, in a dictionary. */
function dictionaryNumbers(view: DataView, type: ScanColumn['type']): (code: number) => Long {
  if (type === 'LONG') return (code) => longAt(view, 8 * code);
  return type === 'DOUBLE'
    ? (code) => view.getFloat64(8 * code, true)
    : (code) => view.getFloat32(4 * code, true);
}

/** So many codes for numbers, and one more for null where there are nulls. */
function codesOfNumbers(
  name: string,
  scan: ScanColumn,
  count: number,
  numberOf: (code: number) => Long,
): CodeColumn {
  const nullCode = scan.nulls === null ? null : count;
  const value = (code: number): Long | null => (code === nullCode ? null : numberOf(code));
  const size = nullCode === null ? count : count + 1;
  return { name, scan, size, nullCode, multiValue: false, value };
}

/** One code for the number of all rows, and one for null where there are nulls. */
function constantCodes(name: string, scan: ScanColumn): CodeColumn {
  return codesOfNumbers(name, scan, 1, () => scan.base);
}

function codeReader(column: CodeColumn, position: { readonly code: number }): ColumnReader {
  const { scan, multiValue, size } = column;
  const shared = {
    type: scan.type,
    multiValue,
    exists: true,
    get: () => column.value(position.code),
  };
  if (scan.layout !== 'ids') return shared;
  const dictionary = { size, id: () => position.code, value: (id: number) => column.value(id) };
  return { ...shared, dictionary };
}
