import { type AggregatorForm, type Filter, TRUE } from '../../model/index.js';
import type { IndexName } from '../../segments/index.js';
import { type DescribedBy, shareOf } from '../filter/share.js';
import type { NativeQuery } from '../native/query.js';
import type { PartFacts, TablePart } from '../tables.js';
import { QueryNames } from './query-names.js';

/** Of conditions that let more rows pass, lists of rows are longer than it takes to look at all of them. */
const MAX_SHARE = 1 / 8;

/** Of these kinds there are a few bytes to thousands of rows. */
const SMALL_KINDS: ReadonlySet<string> = new Set(['zones', 'kll']);

/** They tell how many rows pass, about, but not which. */
const COUNTING_KINDS: ReadonlySet<string> = new Set(['countMin']);

/** Of no use to a filter. */
const OTHER_KINDS: ReadonlySet<string> = new Set(['hll']);

/** What the filters of a query need of a part. */
export interface FilterNeeds {
  readonly indexes: readonly IndexName[];
  /** Indexes leave about so many rows to be looked at, or fewer. */
  readonly mostRows: number;
  /** About so many rows are on the lists that tell which these are; none where all are looked at. */
  readonly listedRows: number;
}

/** A condition of a filter that indexes of a column may answer. */
interface Condition {
  readonly filter: Filter;
  readonly column: string;
}

/** What the filters of a query want of the indexes of parts, before anything of these is read. */
export class WantedIndexes {
  readonly #conditions: readonly Condition[];
  readonly #names: QueryNames;

  constructor(private readonly query: NativeQuery) {
    this.#names = new QueryNames(query.virtualColumns);
    this.#conditions = filtersOf(query).flatMap((filter) => this.#conditionsOf(filter));
  }

  of(part: TablePart): FilterNeeds {
    const { facts, rowCount } = part;
    const all = { mostRows: rowCount, listedRows: 0 };
    if (facts === null || this.#conditions.length === 0) return { indexes: [], ...all };
    const indexes = this.#indexesOf(facts);
    const { filter } = this.query;
    const columns = new Set(
      indexes.flatMap(({ column, kind }) =>
        SMALL_KINDS.has(kind) || COUNTING_KINDS.has(kind) ? [] : column,
      ),
    );
    if (filter === null || columns.size === 0) return { indexes, ...all };
    const described = this.#describedBy(facts);
    return {
      indexes,
      mostRows: rowCount * this.#indexedShare(filter, columns, described),
      listedRows: rowCount * this.#listedShare(columns, described),
    };
  }

  #listedShare(indexed: ReadonlySet<string>, described: DescribedBy): number {
    return this.#conditions.reduce(
      (sum, { filter, column }) => sum + (indexed.has(column) ? shareOf(described, filter) : 0),
      0,
    );
  }

  /** Those that may tell rows in less time than a scan. */
  #indexesOf(facts: PartFacts): IndexName[] {
    const described = this.#describedBy(facts);
    const { skipIndexes, forceIndexes } = this.query.context;
    return this.#conditions.flatMap(({ filter, column }) => {
      const there = facts
        .indexes(column)
        .filter((kind) => !OTHER_KINDS.has(kind) && !skipIndexes.has(column, kind));
      const kinds = isOfWords(filter) && there.includes('text') ? ['text'] : there;
      if (kinds.length === 0) return [];
      const isFew =
        forceIndexes ||
        facts.column(column)?.multiValue === true ||
        shareOf(described, filter) <= MAX_SHARE;
      return kinds.flatMap((kind) => (isFew || SMALL_KINDS.has(kind) ? [{ column, kind }] : []));
    });
  }

  /** Which part of the rows indexes of these columns leave, about. */
  #indexedShare(filter: Filter, indexed: ReadonlySet<string>, described: DescribedBy): number {
    const { form, inputs } = filter;
    const inner = (each: Filter) => this.#indexedShare(each, indexed, described);
    if (form?.kind === 'and') return form.filters.reduce((share, each) => share * inner(each), 1);
    if (form?.kind === 'or') {
      return Math.min(
        1,
        form.filters.reduce((share, each) => share + inner(each), 0),
      );
    }
    if (form?.kind === 'is' && form.wanted === TRUE) return inner(form.filter);
    const columns = [...this.#names.storedBehind(inputs)];
    return columns.every((name) => indexed.has(name)) ? shareOf(described, filter) : 1;
  }

  #describedBy(facts: PartFacts): DescribedBy {
    return (name) => (this.#names.virtual(name) === null ? facts.column(name) : undefined);
  }

  #conditionsOf(filter: Filter): Condition[] {
    const { form, inputs } = filter;
    switch (form?.kind) {
      case 'and':
      case 'or':
        return form.filters.flatMap((each) => this.#conditionsOf(each));
      case 'not':
      case 'is':
        return this.#conditionsOf(form.filter);
      default: {
        const [column, ...others] = this.#names.storedBehind(inputs);
        return column === undefined || others.length > 0 ? [] : [{ filter, column }];
      }
    }
  }
}

/** Whether words tell more than the texts that have them, which may be as many as rows. */
const isOfWords = ({ form }: Filter): boolean =>
  form?.kind === 'values' && form.words !== undefined;

/** That of the query, and those of its aggregators. */
function filtersOf(query: NativeQuery): Filter[] {
  const own = query.filter === null ? [] : [query.filter];
  if (!('aggregations' in query)) return own;
  return [...own, ...query.aggregations.flatMap(({ form }) => innerFilters(form))];
}

function innerFilters(form: AggregatorForm | undefined): Filter[] {
  return form?.kind === 'filtered' ? [form.filter, ...innerFilters(form.aggregator.form)] : [];
}
