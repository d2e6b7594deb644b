import { UnsupportedError } from '../../../core/index.js';
import type { AggregateRel, ProjectRel, Rel } from '../algebra/rel.js';
import { type AggregateCall, literal, type Rex, rexKey } from '../algebra/rex.js';
import { isComplex, type SqlType } from '../algebra/types.js';
import { AVG, COUNT, MAX, MIN, SUM } from '../functions/aggregates.js';
import { COALESCE } from '../functions/conditional.js';
import type { AggregateFunction } from '../functions/definition.js';
import { DIVIDE } from '../functions/operators.js';
import { type Position, planError } from '../position.js';

/**
 * COUNT(DISTINCT x) counted exactly: first group by the groups and x, then by the groups alone,
 * counting the x. The other aggregates are computed in the first step and merged in the second.
 * Gives the relation unchanged when it has no such call.
 */
export function exactDistinct(rel: AggregateRel): Rel {
  const distinct = rel.calls.filter((call) => call.fn === COUNT && call.distinct);
  const [first] = distinct;
  if (first === undefined) return rel;
  const counted = first.args[0]!;
  const one = distinct.every(
    ({ args, filter }) => filter === null && rexKey(args[0]!) === rexKey(counted),
  );
  if (!one || rel.sets !== null) {
    throw new UnsupportedError(
      'An exact COUNT(DISTINCT …) must be the only one of its query, without FILTER and grouping sets; set useApproximateCountDistinct to true',
    );
  }
  if (isComplex(counted.type)) {
    throw planError('Cannot count the values of a sketch exactly', counted.position);
  }
  return new Rewrite(rel, counted).result();
}

class Rewrite {
  readonly #inner: AggregateCall[] = [];
  readonly #outer: AggregateCall[] = [];

  constructor(
    private readonly rel: AggregateRel,
    private readonly counted: Rex,
  ) {}

  result(): ProjectRel {
    const { rel, counted } = this;
    const groupCount = rel.groups.length;
    const results = rel.calls.map((call) => this.#split(call));
    const named = (type: SqlType, i: number) => ({ name: `$${i}`, type });
    const innerGroups = [...rel.groups, counted];
    const inner: AggregateRel = {
      kind: 'aggregate',
      input: rel.input,
      groups: innerGroups,
      sets: null,
      calls: this.#inner,
      columns: [...innerGroups, ...this.#inner].map(({ type }, i) => named(type, i)),
    };
    const groups = rel.groups.map((group, i) => column(i, group.type, group.position));
    const outer: AggregateRel = {
      kind: 'aggregate',
      input: inner,
      groups,
      sets: null,
      calls: this.#outer,
      columns: [...groups, ...this.#outer].map(({ type }, i) => named(type, i)),
    };
    const expressions = [...groups, ...results.map((result) => result(groupCount))];
    return { kind: 'project', input: outer, expressions, columns: rel.columns };
  }

  /** Adds the steps of a call; the result is an expression over the outer aggregate. */
  #split(call: AggregateCall): (groupCount: number) => Rex {
    const { fn, position } = call;
    if (fn === COUNT && call.distinct) {
      const index = this.#add(
        this.#outer,
        COUNT,
        [column(this.rel.groups.length, this.counted.type, position)],
        call,
      );
      return (groupCount) => column(groupCount + index, 'BIGINT', position);
    }
    if (fn === AVG) {
      const sum = this.#merge(SUM, SUM, call, call.type);
      const count = this.#merge(COUNT, SUM, call, 'BIGINT');
      return (groupCount) => ({
        kind: 'call',
        fn: DIVIDE,
        args: [sum(groupCount), count(groupCount)],
        type: call.type,
        position,
      });
    }
    if (fn === COUNT) return orZero(this.#merge(COUNT, SUM, call, 'BIGINT'));
    if (fn === SUM || fn === MIN || fn === MAX) return this.#merge(fn, fn, call, call.type);
    throw new UnsupportedError(
      `${fn.name} cannot stand beside an exact COUNT(DISTINCT …); set useApproximateCountDistinct to true`,
    );
  }

  #merge(
    inner: AggregateFunction,
    outer: AggregateFunction,
    call: AggregateCall,
    type: SqlType,
  ): (groupCount: number) => Rex {
    const { position } = call;
    const innerIndex = this.#add(this.#inner, inner, call.args, { ...call, type, distinct: false });
    const argument = column(this.rel.groups.length + 1 + innerIndex, type, position);
    const index = this.#add(this.#outer, outer, [argument], {
      ...call,
      type,
      distinct: false,
      filter: null,
    });
    return (groupCount) => column(groupCount + index, type, position);
  }

  #add(
    calls: AggregateCall[],
    fn: AggregateFunction,
    args: readonly Rex[],
    { type, filter, position }: AggregateCall,
  ): number {
    return calls.push({ fn, args, distinct: false, filter, type, position }) - 1;
  }
}

const column = (index: number, type: SqlType, position: Position): Rex => ({
  kind: 'column',
  index,
  name: `$${index}`,
  type,
  position,
});

/** A sum of counts over no rows is a count of 0. */
const orZero =
  (result: (groupCount: number) => Rex) =>
  (groupCount: number): Rex => {
    const rex = result(groupCount);
    const args = [rex, literal('BIGINT', 0, rex.position)];
    return { kind: 'call', fn: COALESCE, args, type: 'BIGINT', position: rex.position };
  };
