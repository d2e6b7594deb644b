import { ResourceLimitError } from '../../../core/index.js';
import type { Value } from '../../../model/index.js';
import type { AggregateRel, Rel, RelColumn, SortRel, UnionRel } from '../algebra/rel.js';
import {
  type AggregateCall,
  literal,
  type Rex,
  type RexField,
  type RexSubquery,
} from '../algebra/rex.js';
import { nativeType } from '../algebra/types.js';
import { refold } from '../analyse/calls.js';
import { distinct } from '../analyse/select.js';
import { rebuild } from '../analyse/simplify.js';
import { comparison } from '../functions/comparison.js';
import { callOf, type FunctionContext } from '../functions/definition.js';
import { AND, EQUALS, IN, OR } from '../functions/operators.js';
import { planError } from '../position.js';
import { exactDistinct } from './exact-distinct.js';
import { planGrouping } from './grouping.js';
import type { NativePlan, PlanOptions } from './native-plan.js';
import { planScan } from './scan.js';
import { filtered, grouped, projected, type Source, type Stage, sorted, stageOf } from './stage.js';
import { planTimeBoundary } from './time-boundary.js';

/** What planning needs from outside: parts of a statement may have to run before the rest is planned. */
export interface PlanServices {
  /** Runs plans one after the other; rows are in the order of the plans' columns. */
  run(plans: readonly NativePlan[]): Promise<readonly (readonly Value[])[]>;
  /** The rows of a table of INFORMATION_SCHEMA or sys. */
  systemRows(schema: string, table: string): Promise<readonly (readonly Value[])[]>;
}

/**
 * Turns relational trees into native queries. A tree is folded into one native query as far as
 * that reaches; what lies below becomes its query data source. Subqueries used as values, unions
 * of anything but plain tables run first, and their rows (at most `maxSubqueryRows`) take their place.
 */
export class Planner {
  constructor(
    private readonly services: PlanServices,
    private readonly options: PlanOptions,
    private readonly functions: FunctionContext,
  ) {}

  /** The plans whose results, one behind the other, are the relation. */
  async plan(rel: Rel): Promise<NativePlan[]> {
    if (rel.kind === 'union' && (await this.#unionTable(rel)) === null) {
      const plans: NativePlan[] = [];
      for (const input of rel.inputs) plans.push(...(await this.plan(input)));
      return plans;
    }
    const stage = await this.#stage(rel);
    return [planTimeBoundary(stage, this.options) ?? this.#finish(stage)];
  }

  async #stage(rel: Rel): Promise<Stage> {
    switch (rel.kind) {
      case 'table':
        return stageOf(tableSource(rel.name, rel.columns));
      case 'system':
        return stageOf(
          inlineSource(rel.columns, await this.services.systemRows(rel.schema, rel.name)),
        );
      case 'lookup':
        return stageOf(lookupSource(rel.name, rel.columns));
      case 'values':
        return stageOf(inlineSource(rel.columns, rel.rows));
      case 'filter': {
        const stage = await this.#stage(rel.input);
        const condition = await this.#resolve(rel.condition);
        return filtered(stage, condition) ?? filtered(this.#wrap(stage), condition)!;
      }
      case 'project': {
        const stage = await this.#stage(rel.input);
        const expressions = await this.#resolveAll(rel.expressions);
        return projected(stage, expressions);
      }
      case 'aggregate':
        return this.#aggregate(rel);
      case 'sort':
        return this.#sort(rel);
      case 'union':
        return this.#union(rel);
    }
  }

  async #aggregate(rel: AggregateRel): Promise<Stage> {
    if (!this.options.approximateCountDistinct) {
      const exact = exactDistinct(rel);
      if (exact !== rel) return this.#stage(exact);
    }
    const stage = await this.#stage(rel.input);
    const groups = await this.#resolveAll(rel.groups);
    const calls: AggregateCall[] = [];
    for (const call of rel.calls) {
      const args = await this.#resolveAll(call.args);
      const filter = call.filter === null ? null : await this.#resolve(call.filter);
      calls.push({ ...call, args, filter });
    }
    const resolved = { ...rel, groups, calls };
    return grouped(stage, resolved) ?? grouped(this.#wrap(stage), resolved)!;
  }

  async #sort(rel: SortRel): Promise<Stage> {
    const stage = await this.#sortInput(rel);
    const next = sorted(stage, rel) ?? sorted(this.#wrap(stage), rel)!;
    // No query is needed to know that there are no rows.
    return next.limit === 0 ? stageOf(inlineSource(rel.columns, [])) : next;
  }

  async #sortInput(rel: SortRel): Promise<Stage> {
    const table =
      rel.input.kind === 'union' && rel.keys.length > 0 ? await this.#unionTable(rel.input) : null;
    return table ?? this.#stage(limitedUnion(rel));
  }

  async #union(rel: UnionRel): Promise<Stage> {
    const table = await this.#unionTable(rel);
    if (table !== null) return table;
    return stageOf(inlineSource(rel.columns, await this.#rows(rel)));
  }

  /** A union of plain selections of the same columns of tables reads one `union` data source. */
  async #unionTable(rel: UnionRel): Promise<Stage | null> {
    const stages: Stage[] = [];
    for (const input of rel.inputs) {
      if (!isPlain(input)) return null;
      stages.push(await this.#stage(input));
    }
    const names = (stage: Stage): string =>
      JSON.stringify(
        stage.columns.map((rex) => (rex.kind === 'field' ? [rex.name, rex.type] : null)),
      );
    const [first] = stages;
    if (first === undefined || stages.some((stage) => names(stage) !== names(first))) return null;
    if (first.columns.some((rex) => rex.kind !== 'field')) return null;
    const dataSources = stages.map(({ source }) => (source.dataSource as { name: string }).name);
    return { ...first, source: { ...first.source, dataSource: { type: 'union', dataSources } } };
  }

  #finish(stage: Stage, options = this.options): NativePlan {
    return stage.grouping === null ? planScan(stage, options) : planGrouping(stage, options);
  }

  /** The stage as the data source of another. */
  #wrap(stage: Stage): Stage {
    // The order of a subquery matters only for what its limit keeps.
    const ordered = stage.limit !== null || stage.offset > 0;
    // What is read of it are values; a statement that wants sketches asks for them by name.
    const context =
      stage.grouping === null ? this.options.context : { ...this.options.context, finalize: true };
    const plan = this.#finish(ordered ? stage : { ...stage, sort: [] }, {
      ...this.options,
      context,
    });
    const position = { line: 1, column: 1 };
    const fields = plan.columns.map(
      ({ name, type }): RexField => ({ kind: 'field', name, type, position }),
    );
    return stageOf({
      dataSource: { type: 'query', query: plan.query },
      stored: false,
      columns: fields,
    });
  }

  async #rows(rel: Rel): Promise<readonly (readonly Value[])[]> {
    return this.#bounded(await this.services.run(await this.plan(rel)));
  }

  #bounded(rows: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
    const limit = this.options.maxSubqueryRows;
    if (rows.length <= limit) return rows;
    throw new ResourceLimitError(
      `A subquery gave ${rows.length} rows, more than maxSubqueryRows [${limit}]; filter or aggregate it further, or raise maxSubqueryRows in the context`,
      limit,
      rows.length,
    );
  }

  async #resolveAll(rexes: readonly Rex[]): Promise<Rex[]> {
    const resolved: Rex[] = [];
    for (const rex of rexes) resolved.push(await this.#resolve(rex));
    return resolved;
  }

  /** The expression with its subqueries run and replaced by constants. */
  async #resolve(rex: Rex): Promise<Rex> {
    const answers = new Map<Rex, Rex>();
    const subqueries: RexSubquery[] = [];
    rebuild(rex, (leaf) => {
      if (leaf.kind === 'subquery') subqueries.push(leaf);
      return leaf;
    });
    for (const subquery of subqueries) answers.set(subquery, await this.#answer(subquery));
    return answers.size === 0 ? rex : rebuild(rex, (leaf) => answers.get(leaf) ?? leaf);
  }

  async #answer({ mode, rel, args, type, position }: RexSubquery): Promise<Rex> {
    if (mode === 'exists') {
      const one: Rel = {
        kind: 'sort',
        input: rel,
        keys: [],
        limit: 1,
        offset: 0,
        columns: rel.columns,
      };
      const rows = await this.#rows(one);
      return literal('BOOLEAN', rows.length > 0 ? 1 : 0, position);
    }
    if (mode === 'scalar') {
      const rows = await this.#rows(rel);
      if (rows.length > 1)
        throw planError('A query used as a value gave more than one row', position);
      return literal(type, rows[0]?.[0] ?? null, position);
    }
    const rows = await this.#rows(distinct(rel));
    const operands = await this.#resolveAll(args);
    const cell = (row: readonly Value[], i: number) =>
      literal(rel.columns[i]!.type, row[i] ?? null, position);
    const [operand, ...others] = operands as [Rex, ...Rex[]];
    const alikeTypes = operand.type === rel.columns[0]!.type && operand.kind !== 'literal';
    if (others.length === 0 && alikeTypes && rows.length > 1) {
      return callOf(IN, [operand, ...rows.map((row) => cell(row, 0))], position);
    }
    const matches = rows.map((row) => {
      const equal = operands.map((rex, i) =>
        comparison(EQUALS, rex, cell(row, i), this.functions, position),
      );
      return callOf(AND, equal, position);
    });
    return refold(callOf(OR, matches, position));
  }
}

/** The input of a sort; of each branch of a union no more rows are needed than the limit keeps. */
export function limitedUnion({ input, keys, limit, offset }: SortRel): Rel {
  if (input.kind !== 'union' || limit === null) return input;
  const inputs = input.inputs.map((branch): Rel => {
    const { columns } = branch;
    return { kind: 'sort', input: branch, keys, limit: limit + offset, offset: 0, columns };
  });
  return { ...input, inputs };
}

/** Whether a relation only picks columns of a stored table. */
function isPlain(rel: Rel): boolean {
  if (rel.kind === 'table') return true;
  return (
    rel.kind === 'project' &&
    rel.expressions.every(({ kind }) => kind === 'column') &&
    isPlain(rel.input)
  );
}

const START = { line: 1, column: 1 };

const tableSource = (name: string, columns: readonly RelColumn[]): Source => ({
  dataSource: { type: 'table', name },
  stored: true,
  columns: fieldsOf(columns),
});

const lookupSource = (lookup: string, columns: readonly RelColumn[]): Source => ({
  dataSource: { type: 'lookup', lookup },
  stored: false,
  columns: fieldsOf(columns),
});

const fieldsOf = (columns: readonly RelColumn[]): RexField[] =>
  columns.map((column) => ({ kind: 'field', ...column, position: START }));

/** Rows given in the query itself. Its columns are `c0`, `c1`, …, since names may repeat. */
function inlineSource(columns: readonly RelColumn[], rows: readonly (readonly Value[])[]): Source {
  const fields = columns.map(
    ({ type }, i): RexField => ({ kind: 'field', name: `c${i}`, type, position: START }),
  );
  const dataSource = {
    type: 'inline',
    columnNames: fields.map(({ name }) => name),
    columnTypes: columns.map(({ type }) => nativeType(type)),
    rows,
  };
  return { dataSource, stored: false, columns: fields };
}
