import { type Clock, InternalError, type JsonObject } from '../../core/index.js';
import { type LookupNames, NO_LOOKUPS, type Value } from '../../model/index.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { OnStart } from '../query-phase.js';
import type { ResultSet } from '../result.js';
import type { StarTreeSummaryJson } from '../star/tree-summary.js';
import type { TableSnapshot } from '../tables.js';
import type { Rel } from './algebra/rel.js';
import { analyseQuery } from './analyse/query.js';
import type { Catalog, SystemTables } from './catalog.js';
import { EXPLAIN_COLUMNS, explainRow, tablesOf } from './explain.js';
import type { FunctionContext } from './functions/definition.js';
import { contextOf, type StatementOptions, statementOptions } from './options.js';
import type { SqlRows } from './output/formats.js';
import { finalisedSketches } from './output/outer-sketches.js';
import { parameterLiterals, type SqlParameter } from './parameters.js';
import type { StatementNode } from './parser/ast.js';
import { parseStatement } from './parser/statement.js';
import type { NativeColumn, NativePlan } from './plan/native-plan.js';
import { limitedUnion, Planner } from './plan/planner.js';
import { SYSTEM_SCHEMAS, systemRows } from './system/system-schemas.js';

interface NativeOptions {
  readonly signal?: AbortSignal;
  readonly snapshot: TableSnapshot;
  readonly onStart?: OnStart;
}

/** Answers native queries: the query engine. */
export interface NativeRunner {
  run(query: NativeQuery, options: NativeOptions): Promise<ResultSet>;
  snapshot(dataSources: readonly string[]): TableSnapshot;
  awaitToken(context: JsonObject, signal?: AbortSignal): Promise<void>;
  explainStarTrees(query: NativeQuery, snapshot: TableSnapshot): StarTreeSummaryJson | null;
}

export interface SqlEngineOptions {
  readonly engine: NativeRunner;
  readonly catalog: Catalog;
  readonly system: SystemTables;
  readonly clock: Clock;
}

export interface SqlRequest {
  readonly query: string;
  readonly parameters?: readonly SqlParameter[];
  readonly context?: unknown;
}

export interface SqlRunOptions {
  readonly signal?: AbortSignal;
  /** Told of each native query of the statement when it begins. */
  readonly onStart?: OnStart;
}

/** The answer of a statement; `formatRows` writes it. */
export interface SqlResult extends SqlRows {
  readonly rows: readonly (readonly Value[])[];
}

interface ParsedStatement {
  readonly node: StatementNode;
  readonly options: StatementOptions;
}

interface Statement extends ParsedStatement {
  /** The same for all native queries. */
  readonly lookups: LookupNames;
  readonly rel: Rel;
  readonly functions: FunctionContext;
}

/** Runs native plans one after the other; rows are in the order of the plans' columns. */
type Run = (plans: readonly NativePlan[]) => Promise<(readonly Value[])[]>;

/** Answers SQL by native queries. Holds no state between statements. */
export class SqlEngine {
  constructor(private readonly services: SqlEngineOptions) {}

  /**
   * Runs one statement. Throws UserError of kind 'sqlParse', 'sqlPlan', 'context' or 'request' for
   * a wrong one, UnsupportedError for what is not built, and whatever the query engine throws.
   */
  async run(request: SqlRequest, options: SqlRunOptions = {}): Promise<SqlResult> {
    return this.#planned(request, options, async (statement, plans, run, snapshot) => {
      const { node, rel, options, lookups } = statement;
      const { timeZone, stringifyArrays, finaliseSketches } = options;
      const shown = { timeZone, stringifyArrays };
      if (node.explain) {
        const rows = [explainRow(rel, plans, this.#attributes(plans, lookups, snapshot))];
        return { ...shown, columns: EXPLAIN_COLUMNS, rows };
      }
      const rows = await run(plans);
      const limited = options.outerLimit === null ? rows : rows.slice(0, options.outerLimit);
      const answer = { columns: rel.columns, rows: limited };
      return { ...shown, ...(finaliseSketches ? finalisedSketches(rel, answer) : answer) };
    });
  }

  /** The names of the stored tables and the native plans of a statement, which is not run (its subqueries are). */
  async explain(request: SqlRequest): Promise<{ rel: Rel; plans: NativePlan[] }> {
    return this.#planned(request, {}, async ({ rel }, plans) => ({ rel, plans }));
  }

  /** All queries of a statement, those that planning runs too, read one snapshot of its tables. */
  async #planned<T>(
    request: SqlRequest,
    { signal, onStart }: SqlRunOptions,
    use: (
      statement: Statement,
      plans: NativePlan[],
      run: Run,
      snapshot: TableSnapshot,
    ) => Promise<T>,
  ): Promise<T> {
    const { engine } = this.services;
    const parsed = parsedStatement(request);
    await engine.awaitToken(parsed.options.planning.context, signal);
    const statement = this.#analyse(parsed, request);
    const snapshot = engine.snapshot([...tablesOf(statement.rel)]);
    try {
      const native = { snapshot, ...(signal && { signal }), ...(onStart && { onStart }) };
      const run: Run = (plans) => this.#runAll(plans, statement.lookups, native);
      return await use(statement, await this.#plan(statement, run), run, snapshot);
    } finally {
      snapshot.release();
    }
  }

  #analyse({ node, options }: ParsedStatement, { parameters = [] }: SqlRequest): Statement {
    const { timeZone } = options;
    const functions = { timeZone, nowMs: options.nowMs ?? this.services.clock.nowMs() };
    const rel = analyseQuery(node.query, {
      catalog: this.services.catalog,
      system: SYSTEM_SCHEMAS,
      functions,
      parameters: parameterLiterals(parameters, timeZone),
    });
    const lookups = this.services.catalog.lookups?.() ?? NO_LOOKUPS;
    return { node, rel: outerLimited(rel, options.outerLimit), options, functions, lookups };
  }

  /** Which star-trees the native queries would read, where their context asks for it. */
  #attributes(
    plans: readonly NativePlan[],
    lookups: LookupNames,
    snapshot: TableSnapshot,
  ): JsonObject {
    const queries = plans.map(({ query }) => parseNativeQuery(query, lookups));
    const asking = queries.filter(({ context }) => context.explainStarTree);
    if (asking.length === 0) return {};
    const { engine } = this.services;
    return { starTrees: asking.flatMap((each) => engine.explainStarTrees(each, snapshot) ?? []) };
  }

  #plan({ rel, options, functions }: Statement, run: Run): Promise<NativePlan[]> {
    const { catalog, system } = this.services;
    const services = {
      run,
      systemRows: (schema: string, table: string) => systemRows(schema, table, catalog, system),
    };
    return new Planner(services, options.planning, functions).plan(rel);
  }

  async #runAll(
    plans: readonly NativePlan[],
    lookups: LookupNames,
    options: NativeOptions,
  ): Promise<(readonly Value[])[]> {
    const rows: (readonly Value[])[] = [];
    for (const plan of plans) {
      const query = parseNativeQuery(plan.query, lookups);
      const result = await this.services.engine.run(query, options);
      for (const row of arrange(plan, result)) rows.push(row);
    }
    return rows;
  }
}

function parsedStatement(request: SqlRequest): ParsedStatement {
  const node = parseStatement(request.query);
  const context: JsonObject = {
    ...contextOf(request.context),
    ...Object.fromEntries(node.context),
  };
  return { node, options: statementOptions(context) };
}

/** The statement cut to the limit from outside. A union is cut when it is answered. */
function outerLimited(rel: Rel, limit: number | null): Rel {
  if (limit === null) return rel;
  const sort = {
    kind: 'sort',
    input: rel,
    keys: [],
    limit,
    offset: 0,
    columns: rel.columns,
  } as const;
  return rel.kind === 'union' ? limitedUnion(sort) : sort;
}

/** The rows of a native result with the columns of the plan, in its order. */
function arrange(
  { columns, oneRow }: NativePlan,
  result: ResultSet,
): readonly (readonly Value[])[] {
  const places = new Map(result.fields.map(({ name }, i) => [name, i]));
  const indexOf = ({ name }: NativeColumn): number => {
    const index = places.get(name);
    if (index === undefined) throw new InternalError(`the native result has no field "${name}"`);
    return index;
  };
  const indexes = columns.map(indexOf);
  if (result.rows.length === 0 && oneRow === true) return [columns.map(() => null)];
  return result.rows.map((row) => indexes.map((index) => row[index] ?? null));
}
