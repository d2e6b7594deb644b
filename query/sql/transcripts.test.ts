import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ManualClock, stringifyJson, VarveError } from '../../core/index.js';
import { describePlans } from './explain.js';
import { SqlEngine } from './index.js';
import { EMPTY_TABLES, TEST_CATALOG } from './test-catalog.js';

/**
 * Statements and their native plans as text. Each case is
 *
 *     statement, with `-- context {…}` and `-- parameters […]` lines before it if wanted
 *     ->
 *     the plan, or the error
 *     (blank line)
 *
 * `UPDATE=1 npx vitest run query/sql/transcripts` writes what the planner says now; review the diff.
 */
const DIRECTORY = new URL('./transcripts/', import.meta.url);
const NOW = Date.UTC(2024, 0, 15, 12);

const engine = new SqlEngine({
  engine: {
    ...EMPTY_TABLES,
    // Subqueries that are run while planning answer with two rows of the first field.
    run: async (query) => ({
      fields: queryFields(query.spec),
      rows: [['a'], ['b']].map((row) => queryFields(query.spec).map(() => row[0]!)),
    }),
  },
  catalog: TEST_CATALOG,
  system: { rows: () => [] },
  clock: new ManualClock(NOW),
});

function queryFields(spec: Readonly<Record<string, unknown>>) {
  const {
    dimensions = [],
    columns = [],
    aggregations = [],
  } = spec as {
    dimensions?: { outputName: string }[];
    columns?: string[];
    aggregations?: { name: string }[];
  };
  const names = [
    ...dimensions.map((d) => d.outputName),
    ...columns,
    ...aggregations.map((a) => a.name),
  ];
  return names.map((name) => ({ name, type: 'STRING' as const }));
}

/** One line a field of the query; the plan's columns last. */
function planText(plan: Readonly<Record<string, unknown>>): string {
  const { queryType, context, ...fields } = plan.query as Record<string, unknown>;
  const shown = Object.entries(fields).map(([key, value]) => `  ${key}: ${stringifyJson(value)}`);
  const settings =
    Object.keys(context as object).length > 0 ? [`  context: ${stringifyJson(context)}`] : [];
  const mappings = plan.columnMappings as { queryColumn: string; outputColumn: string }[];
  const types = new Map(
    (plan.signature as { name: string; type: string }[]).map((s) => [s.name, s.type]),
  );
  const columns = mappings.map(
    ({ queryColumn, outputColumn }) => `${outputColumn} = ${queryColumn} ${types.get(queryColumn)}`,
  );
  return [`${queryType}`, ...shown, ...settings, `  => ${columns.join(', ')}`].join('\n');
}

async function answer(statement: string): Promise<string> {
  const setting = (name: string): unknown => {
    const line = new RegExp(`^-- ${name} (.*)$`, 'm').exec(statement)?.[1];
    return line === undefined ? undefined : JSON.parse(line);
  };
  const context = setting('context');
  const parameters = setting('parameters') as { type: string; value: unknown }[] | undefined;
  try {
    const { rel, plans } = await engine.explain({
      query: statement,
      ...(context === undefined ? {} : { context }),
      ...(parameters === undefined ? {} : { parameters }),
    });
    return describePlans(plans, rel).map(planText).join('\n');
  } catch (error) {
    if (error instanceof VarveError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

for (const name of readdirSync(DIRECTORY).filter((file) => file.endsWith('.txt'))) {
  test(`plans of ${name}`, async () => {
    const file = new URL(name, DIRECTORY);
    const expected = readFileSync(file, 'utf8');
    const statements = expected
      .split(/\n\n+/)
      .map((block) => block.split(/^->$/m)[0]!.trim())
      .filter((statement) => statement !== '');
    const blocks: string[] = [];
    for (const statement of statements)
      blocks.push(`${statement}\n->\n${await answer(statement)}\n`);
    const got = blocks.join('\n');
    if (process.env.UPDATE === '1') writeFileSync(file, got);
    else expect(got).toBe(expected);
  });
}
