import type { AggregatorForm, Filter } from '../../model/index.js';
import type { IndexName } from '../../segments/index.js';
import { type DescribedBy, shareOf } from '../filter/share.js';
import type { NativeQuery } from '../native/query.js';
import type { PartFacts, TablePart } from '../tables.js';

/** Of conditions that let more rows pass, lists of rows are longer than it takes to look at all of them. */
const MAX_SHARE = 1 / 8;

/** Of this kind there are a few bytes to thousands of rows. */
const SMALL_KINDS: ReadonlySet<string> = new Set(['zones']);

/** A condition of a filter that indexes of a column may answer. */
interface Condition {
  readonly filter: Filter;
  readonly column: string;
}

/** What the filters of a query want of the indexes of parts, before anything of these is read. */
export class WantedIndexes {
  readonly #conditions: readonly Condition[];
  readonly #virtual: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly query: NativeQuery) {
    this.#virtual = new Map(query.virtualColumns.map(({ name, inputs }) => [name, inputs]));
    this.#conditions = filtersOf(query).flatMap((filter) => this.#conditionsOf(filter));
  }

  /** The indexes that may tell a part's rows in less time than a scan. */
  of({ facts }: TablePart): IndexName[] {
    if (facts === null) return [];
    const described = this.#describedBy(facts);
    const { skipIndexes, forceIndexes } = this.query.context;
    const wanted = this.#conditions.flatMap(({ filter, column }) => {
      const kinds = facts.indexes(column).filter((kind) => !skipIndexes.has(column, kind));
      if (kinds.length === 0) return [];
      const isFew =
        forceIndexes || facts.column(column)!.multiValue || shareOf(described, filter) <= MAX_SHARE;
      return kinds.flatMap((kind) => (isFew || SMALL_KINDS.has(kind) ? [{ column, kind }] : []));
    });
    return wanted;
  }

  #describedBy(facts: PartFacts): DescribedBy {
    return (name) => (this.#virtual.has(name) ? undefined : facts.column(name));
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
        const [column, ...others] = this.#storedBehind(inputs);
        return column === undefined || others.length > 0 ? [] : [{ filter, column }];
      }
    }
  }

  /** The stored columns that names come down to. */
  #storedBehind(names: Iterable<string>): Set<string> {
    const stored = new Set<string>();
    const seen = new Set<string>();
    const follow = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const inputs = this.#virtual.get(name);
      if (inputs === undefined) stored.add(name);
      else for (const input of inputs) follow(input);
    };
    for (const name of names) follow(name);
    return stored;
  }
}

/** That of the query, and those of its aggregators. */
function filtersOf(query: NativeQuery): Filter[] {
  const own = query.filter === null ? [] : [query.filter];
  if (!('aggregations' in query)) return own;
  return [...own, ...query.aggregations.flatMap(({ form }) => innerFilters(form))];
}

function innerFilters(form: AggregatorForm | undefined): Filter[] {
  return form?.kind === 'filtered' ? [form.filter, ...innerFilters(form.aggregator.form)] : [];
}
