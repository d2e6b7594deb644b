import {
  type CodeSet,
  type ColumnIndex,
  type IndexPredicate,
  indexKinds,
  type RowAnswer,
} from '../../indexes/index.js';
import {
  FALSE,
  type Filter,
  type FilterForm,
  type Ternary,
  type TextTest,
  TRUE,
} from '../../model/index.js';
import type { CodeColumn, Columns } from '../compiler/columns.js';
import { codesOfFilter, codesOfTexts } from '../compiler/filter-codes.js';
import { unitedValues } from '../compiler/united-values.js';
import {
  allOfRows,
  allRows,
  anyOfRows,
  type Candidate,
  costOfRows,
  noRows,
  othersOfRows,
  SET_NS,
  withinRows,
} from './candidate.js';
import { ElementCodes } from './element-codes.js';
import { numberPredicates } from './predicates.js';
import { rowsOfTimes } from './time-rows.js';

type ValuesForm = Extract<FilterForm, { kind: 'values' }>;
type JsonForm = Extract<FilterForm, { kind: 'json' }>;

/** As many codes are asked about without much ado. */
const FEW_CODES = 4096;

/** Kinds that tell a few ranges of rows. */
const RANGED_KINDS: ReadonlySet<string> = new Set(['zones', 'runs']);
/** More rows than this in ranges are as good as all. */
const TELLING_SHARE = 0.8;

interface NamedIndex {
  readonly kind: string;
  readonly index: ColumnIndex;
}

/** Asks the indexes of a segment for the rows of filters. */
export class FilterIndex {
  readonly #rowCount: number;

  constructor(private readonly columns: Columns) {
    this.#rowCount = columns.segment.rowCount;
  }

  /**
   * The rows for which a filter is TRUE, or FALSE; null where no index tells. What takes a look at many codes of a dictionary is told
   * only if `mayWalk`.
   */
  candidate(filter: Filter, wanted: Ternary, mayWalk: boolean): Candidate | null {
    const { form } = filter;
    switch (form?.kind) {
      case 'constant':
        return this.#constant(form.value === wanted);
      case 'and':
      case 'or':
        return this.#several(filter, form, wanted, mayWalk);
      case 'not':
        return this.candidate(form.filter, wanted === TRUE ? FALSE : TRUE, mayWalk);
      case 'is':
        return wanted === TRUE ? this.candidate(form.filter, form.wanted, mayWalk) : null;
      case 'values':
        return this.#ofValues(filter, form, wanted, mayWalk);
      case 'json':
        return wanted === TRUE ? this.#ofDocuments(form) : null;
      default:
        return this.#ofCodes(filter, wanted, mayWalk);
    }
  }

  /** What sketches tell, which do not know which rows it is. */
  readonly sketchedShare = (column: string, predicate: IndexPredicate): number | null => {
    for (const { index } of this.#indexesOf(column)) {
      if (index.sketch === undefined) continue;
      const rows = index.guess?.(predicate) ?? index.estimate(predicate);
      if (rows !== null && this.#rowCount > 0) return rows / this.#rowCount;
    }
    return null;
  };

  #constant(isAll: boolean): Candidate {
    return isAll ? allRows(this.#rowCount) : noRows;
  }

  #several(
    filter: Filter,
    { kind, filters }: Extract<FilterForm, { kind: 'and' | 'or' }>,
    wanted: Ternary,
    mayWalk: boolean,
  ): Candidate | null {
    const united = kind === 'or' ? unitedValues(filters) : null;
    if (united !== null) return this.#ofValues(filter, united, wanted, mayWalk);
    const all = filters.map((each) => this.candidate(each, wanted, mayWalk));
    const found = all.filter((each) => each !== null);
    const isAll = found.length === all.length;
    if ((kind === 'or') === (wanted === TRUE)) {
      return isAll ? anyOfRows(found, this.#rowCount) : null;
    }
    if (found.length === 0) return null;
    const within = allOfRows(found, this.#rowCount);
    return isAll ? within : withinRows(within);
  }

  #ofValues(filter: Filter, form: ValuesForm, wanted: Ternary, mayWalk: boolean): Candidate | null {
    const { column } = form;
    const { segment } = this.columns;
    const described = this.columns.virtual(column) === null ? segment.describe(column) : null;
    if (described === null) return this.#ofCodes(filter, wanted, mayWalk);
    if (column === '__time') return rowsOfTimes(segment, form, wanted);
    const indexes = this.#indexesOf(column);
    if (indexes.length === 0) return null;
    const { type, multiValue } = described;
    if (type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT') {
      return this.#ofNumbers(indexes, form, type, wanted);
    }
    if (type !== 'STRING') return null;
    if (form.texts === null) {
      return this.#ofWords(indexes, form, wanted) ?? this.#ofCodes(filter, wanted, mayWalk);
    }
    return multiValue
      ? this.#ofElements(indexes, column, form.texts, wanted)
      : this.#ofTexts(indexes, filter, form.texts, this.columns.codes(column), wanted);
  }

  #ofNumbers(
    indexes: readonly NamedIndex[],
    { numbersOf }: ValuesForm,
    type: 'LONG' | 'DOUBLE' | 'FLOAT',
    wanted: Ternary,
  ): Candidate | null {
    const test = numbersOf(type);
    const predicates = test && numberPredicates(test, wanted);
    if (predicates === null) return null;
    const all = predicates.map((predicate) => this.#ofPredicate(indexes, predicate));
    const found = all.filter((each) => each !== null);
    if (found.length < all.length) return null;
    return found.length === 0 ? noRows : anyOfRows(found, this.#rowCount);
  }

  #ofWords(
    indexes: readonly NamedIndex[],
    { words }: ValuesForm,
    wanted: Ternary,
  ): Candidate | null {
    if (words === undefined || wanted !== TRUE) return null;
    const found = this.#ofPredicate(indexes, { kind: 'words', words: words.all, mode: 'all' });
    return found === null || words.isExact ? found : withinRows(found);
  }

  #ofDocuments({ column, conditions }: JsonForm): Candidate | null {
    if (this.columns.virtual(column) !== null) return null;
    return this.#ofPredicate(this.#indexesOf(column), { kind: 'json', conditions });
  }

  #ofTexts(
    indexes: readonly NamedIndex[],
    filter: Filter,
    test: TextTest,
    column: CodeColumn | null,
    wanted: Ternary,
  ): Candidate | null {
    const set = column && codesOfTexts(this.columns, filter, test, column, wanted);
    return set === null ? null : this.#ofSet(indexes, set);
  }

  /** A filter that reads one column of texts, however: it is asked about each of them. Where it reads none, once for all rows. */
  #ofCodes(filter: Filter, wanted: Ternary, mayWalk: boolean): Candidate | null {
    if (this.columns.storedBehind(filter.inputs).size === 0) {
      return this.#constant(filter.predicate(this.columns.over(null))() === wanted);
    }
    const column = this.columns.onlyCodes(filter.inputs);
    if (column === null || column.scan.layout !== 'ids' || column.multiValue) return null;
    const indexes = this.#indexesOf(column.name);
    if (indexes.length === 0 || (column.size > FEW_CODES && !mayWalk)) return null;
    return this.#ofSet(indexes, codesOfFilter(this.columns, filter, column, wanted));
  }

  #ofSet(indexes: readonly NamedIndex[], set: CodeSet): Candidate | null {
    if (set.kind === 'ranges' && set.ranges.length === 0) return noRows;
    return this.#ofPredicate(indexes, { kind: 'codes', codes: set });
  }

  /** What its elements are makes a cell what it is: one of those that are asked for, or none that is something else. */
  #ofElements(
    indexes: readonly NamedIndex[],
    column: string,
    test: TextTest,
    wanted: Ternary,
  ): Candidate | null {
    const elements = ElementCodes.of(this.columns, column);
    const asked = elements?.passing(test, wanted) ?? null;
    if (asked === null) return null;
    const found = this.#ofSet(indexes, asked.codes);
    if (found === null) return null;
    if (wanted === FALSE) return othersOfRows(found, this.#rowCount);
    return asked.isWhole ? found : withinRows(found);
  }

  /** The index that tells it in the least time; the next one where it would rather not. */
  #ofPredicate(indexes: readonly NamedIndex[], predicate: IndexPredicate): Candidate | null {
    const found: Candidate[] = [];
    let least = this.#rowCount;
    for (const { kind, index } of indexes) {
      const estimate = index.estimate(predicate);
      if (estimate === 0) return noRows;
      if (estimate === null) continue;
      least = Math.min(least, estimate);
      const candidate = this.#asCandidate(kind, index, predicate, estimate);
      if (candidate !== null) found.push(candidate);
    }
    found.sort((a, b) => timeOf(a) - timeOf(b));
    return found.length === 0 ? null : { ...found[0]!, estimate: least, rows: firstOf(found) };
  }

  #asCandidate(
    kind: string,
    index: ColumnIndex,
    predicate: IndexPredicate,
    estimate: number,
  ): Candidate | null {
    const rowCount = this.#rowCount;
    const rows = () => index.rows(predicate);
    if (!RANGED_KINDS.has(kind)) return { estimate, costNs: costOfRows(estimate, rowCount), rows };
    return estimate > TELLING_SHARE * rowCount ? null : { estimate, costNs: SET_NS, rows };
  }

  #indexesOf(column: string): NamedIndex[] {
    const { segment, rules } = this.columns;
    return indexKinds().flatMap(({ name: kind }) => {
      const index = rules.skipped.has(column, kind) ? null : segment.index(column, kind);
      return index === null ? [] : [{ kind, index }];
    });
  }
}

const firstOf = (candidates: readonly Candidate[]) => (): RowAnswer | null => {
  for (const each of candidates) {
    const answer = each.rows();
    if (answer !== null) return answer;
  }
  return null;
};

/** To find the rows, and to go over them. */
const timeOf = ({ costNs, estimate }: Candidate): number => costNs + estimate;
