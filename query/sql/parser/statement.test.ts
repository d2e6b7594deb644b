import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../../core/index.js';
import type { ExpressionNode, FromNode, GroupItemNode, QueryNode } from './ast.js';
import { parseStatement } from './statement.js';

/** The tree with brackets everywhere, so that precedence shows. */
function show(node: ExpressionNode): string {
  const list = (nodes: readonly ExpressionNode[]): string => nodes.map(show).join(', ');
  const not = (negated: boolean): string => (negated ? 'NOT ' : '');
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string'
        ? `'${node.value.replaceAll("'", "''")}'`
        : String(node.value).toUpperCase();
    case 'temporal':
      return `${node.type} '${node.text}'`;
    case 'interval':
      return `INTERVAL '${node.text}' ${node.from}${node.to === null ? '' : ` TO ${node.to}`}`;
    case 'parameter':
      return '?';
    case 'identifier':
      return node.parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    case 'star':
      return [...node.qualifier.map((part) => `"${part}"`), '*'].join('.');
    case 'unit':
      return node.unit;
    case 'operator':
      return node.operands.length === 1
        ? `(${node.operator} ${show(node.operands[0]!)})`
        : `(${node.operands.map(show).join(` ${node.operator} `)})`;
    case 'between':
      return `(${show(node.operand)} ${not(node.negated)}BETWEEN ${node.symmetric ? 'SYMMETRIC ' : ''}${show(node.low)} AND ${show(node.high)})`;
    case 'in':
      return `(${show(node.operand)} ${not(node.negated)}IN (${'kind' in node.among ? showQuery(node.among) : list(node.among)}))`;
    case 'like':
      return `(${show(node.operand)} ${not(node.negated)}LIKE ${show(node.pattern)}${node.escapedBy === null ? '' : ` ESCAPE ${show(node.escapedBy)}`})`;
    case 'is':
      return `(${show(node.operand)} IS ${not(node.negated)}${node.test})`;
    case 'distinctFrom':
      return `(${show(node.left)} IS ${not(node.negated)}DISTINCT FROM ${show(node.right)})`;
    case 'case': {
      const branches = node.branches.map(
        ({ when, result }) => `WHEN ${show(when)} THEN ${show(result)}`,
      );
      const operand = node.operand === null ? '' : ` ${show(node.operand)}`;
      const otherwise = node.otherwise === null ? '' : ` ELSE ${show(node.otherwise)}`;
      return `CASE${operand} ${branches.join(' ')}${otherwise} END`;
    }
    case 'cast':
      return `CAST(${show(node.operand)} AS ${node.type})`;
    case 'call': {
      const [first, second] = node.operands;
      const filter = node.filter === null ? '' : ` FILTER (WHERE ${show(node.filter)})`;
      const inner =
        node.name === 'EXTRACT'
          ? `${show(first!)} FROM ${show(second!)}`
          : second?.kind === 'unit'
            ? `${show(first!)} TO ${show(second)}`
            : list(node.operands);
      return `${node.name}(${node.distinct ? 'DISTINCT ' : ''}${inner})${filter}`;
    }
    case 'array':
      return `ARRAY[${list(node.elements)}]`;
    case 'row':
      return `(${list(node.elements)})`;
    case 'subquery':
      return `(${showQuery(node.query)})`;
    case 'exists':
      return `EXISTS (${showQuery(node.query)})`;
  }
}

function showFrom(node: FromNode): string {
  if (node.kind === 'join') {
    const on = node.on === null ? '' : ` ON ${show(node.on)}`;
    return `${showFrom(node.left)} ${node.type} JOIN ${showFrom(node.right)}${on}`;
  }
  const source =
    node.kind === 'table' ? node.path.map((p) => `"${p}"`).join('.') : `(${showQuery(node.query)})`;
  const columns = node.columns === null ? '' : ` (${node.columns.join(', ')})`;
  return node.alias === null ? source : `${source} AS "${node.alias}"${columns}`;
}

const showGroup = (item: GroupItemNode): string =>
  item.kind === 'groupingSets'
    ? `GROUPING SETS (${item.sets.map((set) => `(${set.map(show).join(', ')})`).join(', ')})`
    : show(item);

function showQuery(query: QueryNode): string {
  const { body } = query;
  const parts: string[] = [];
  if (query.with.length > 0) {
    parts.push(
      `WITH ${query.with.map((w) => `"${w.name}" AS (${showQuery(w.query)})`).join(', ')}`,
    );
  }
  if (body.kind === 'query') parts.push(`(${showQuery(body)})`);
  else if (body.kind === 'values')
    parts.push(`VALUES ${body.rows.map((row) => `(${row.map(show).join(', ')})`).join(', ')}`);
  else if (body.kind === 'union')
    parts.push(body.queries.map((q) => `(${showQuery(q)})`).join(' UNION ALL '));
  else {
    const items = body.items.map(
      ({ expression, alias }) => show(expression) + (alias === null ? '' : ` AS "${alias}"`),
    );
    parts.push(`SELECT ${body.distinct ? 'DISTINCT ' : ''}${items.join(', ')}`);
    if (body.from !== null) parts.push(`FROM ${showFrom(body.from)}`);
    if (body.where !== null) parts.push(`WHERE ${show(body.where)}`);
    if (body.groupBy !== null)
      parts.push(
        `GROUP BY ${body.groupBy.length === 0 ? '()' : body.groupBy.map(showGroup).join(', ')}`,
      );
    if (body.having !== null) parts.push(`HAVING ${show(body.having)}`);
  }
  if (query.orderBy.length > 0) {
    const keys = query.orderBy.map(
      ({ expression, descending, nullsFirst }) =>
        show(expression) +
        (descending ? ' DESC' : '') +
        (nullsFirst === null ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'),
    );
    parts.push(`ORDER BY ${keys.join(', ')}`);
  }
  if (query.limit !== null) parts.push(`LIMIT ${show(query.limit)}`);
  if (query.offset !== null) parts.push(`OFFSET ${show(query.offset)}`);
  return parts.join(' ');
}

const parsed = (text: string): string => showQuery(parseStatement(text).query);

test.each([
  ['a or b and not c = 1', '("a" OR ("b" AND (NOT ("c" = 1))))'],
  ['1 + 2 * 3 - -4 % 5', '((1 + (2 * 3)) - ((- 4) % 5))'],
  ['a || b = c', '(("a" || "b") = "c")'],
  ['a between 1 and 2 and b', '(("a" BETWEEN 1 AND 2) AND "b")'],
  ['a and b and c or d or e', '(("a" AND "b" AND "c") OR "d" OR "e")'],
  ["a not like '%x' escape '!' or b", '(("a" NOT LIKE \'%x\' ESCAPE \'!\') OR "b")'],
  ['a not in (1, ?) is null', '(("a" NOT IN (1, ?)) IS NULL)'],
  ['a is not distinct from b + 1', '("a" IS NOT DISTINCT FROM ("b" + 1))'],
  ['a is not unknown', '("a" IS NOT NULL)'],
  ['case x when 1 then 2 else 3 end', 'CASE "x" WHEN 1 THEN 2 ELSE 3 END'],
  ["trim(leading 'x' from a)", 'LTRIM("a", \'x\')'],
  ['trim(a)', 'BTRIM("a")'],
  ["position('a' in b from 2)", 'POSITION(\'a\', "b", 2)'],
  ['substring(a from 2 for 3)', 'SUBSTRING("a", 2, 3)'],
  ['floor(t to day)', 'FLOOR("t" TO DAY)'],
  ['extract(year from t)', 'EXTRACT(YEAR FROM "t")'],
  ['timestampadd(month, n, t)', 'TIMESTAMPADD(MONTH, "n", "t")'],
  ["t - interval '1 02:03' day to minute", '("t" - INTERVAL \'1 02:03\' DAY TO MINUTE)'],
  ["date '2000-01-01'", "DATE '2000-01-01'"],
  ['count(distinct a) filter (where b)', 'COUNT(DISTINCT "a") FILTER (WHERE "b")'],
  ['cast(a as decimal(10, 2))', 'CAST("a" AS DECIMAL)'],
  ["array['a', null][1]", "ARRAY_ORDINAL(ARRAY['a', NULL], 1)"],
  ['left(a, 2)', 'LEFT("a", 2)'],
  ['current_timestamp', 'CURRENT_TIMESTAMP()'],
  ['f."x".y', '"f"."x"."y"'],
])('expression %s', (text, expected) => {
  expect(parsed(`SELECT ${text}`)).toBe(`SELECT ${expected}`);
});

test.each([
  'SELECT DISTINCT "a" AS "b" FROM "t" AS "x" WHERE ("a" = 1) GROUP BY "a", 2 HAVING (COUNT(*) > 1) ORDER BY 1 DESC NULLS LAST, "b" LIMIT 5 OFFSET 2',
  'WITH "w" AS (SELECT 1) SELECT "w".* FROM "w"',
  'SELECT 1 FROM (SELECT 2) AS "t" GROUP BY ()',
  'SELECT 1 GROUP BY GROUPING SETS (("a", "b"), ("a"), ())',
  '(SELECT 1) UNION ALL (VALUES (1, 2), (3, 4)) ORDER BY 1',
  'SELECT * FROM "a" LEFT JOIN "b" ON ("a"."x" = "b"."x")',
  'SELECT "a" FROM "t" WHERE (("a", "b") IN (SELECT "c", "d" FROM "u"))',
])('%s stays as it is', (text) => {
  expect(parsed(text)).toBe(text);
  expect(parsed(parsed(text))).toBe(text);
});

test('ROLLUP and CUBE are written out', () => {
  expect(parsed('SELECT 1 GROUP BY ROLLUP (a, b)')).toBe(
    'SELECT 1 GROUP BY GROUPING SETS (("a", "b"), ("a"), ())',
  );
  expect(parsed('SELECT 1 GROUP BY CUBE (a, b)')).toBe(
    'SELECT 1 GROUP BY GROUPING SETS (("a", "b"), ("a"), ("b"), ())',
  );
});

test('SET fills the context', () => {
  const { context, explain } = parseStatement(
    "SET sqlTimeZone = 'UTC'; SET useCache = true; EXPLAIN PLAN FOR SELECT 1;",
  );
  expect([...context]).toEqual([
    ['sqlTimeZone', 'UTC'],
    ['useCache', true],
  ]);
  expect(explain).toBe(true);
});

test.each([
  ['SELECT', 'Received an unexpected token [<EOF>], want an expression (line [1], column [7])'],
  [
    'SELECT a,\n  FROM t',
    'Received an unexpected token [FROM], want an expression (line [2], column [3])',
  ],
  [
    'SELECT a FROM t WHERE',
    'Received an unexpected token [<EOF>], want an expression (line [1], column [22])',
  ],
  ['SELECT (1', 'Received an unexpected token [<EOF>], want ) (line [1], column [10])'],
  [
    'SELECT a b c',
    'Received an unexpected token [c], want the end of the statement (line [1], column [12])',
  ],
  [
    'SELECT 99999999999999999999',
    'Numeric literal [99999999999999999999] does not fit 64 bits (line [1], column [8])',
  ],
  [`SELECT ${'('.repeat(300)}1`, 'Nested deeper than 200 levels (line [1], column [207])'],
])('refused: %j', (text, message) => {
  expect(() => parseStatement(text)).toThrow(message);
});

test('any sequence of tokens is a tree or a parse error, and trees print to themselves', () => {
  const word = fc.constantFrom(
    ...'SELECT FROM WHERE GROUP BY a b ( ) , 1 + - * / AND OR NOT IN IS NULL = < COUNT CASE WHEN THEN END LIMIT ? . x'.split(
      ' ',
    ),
    "'s'",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      let printed: string;
      try {
        printed = parsed(`SELECT ${words.join(' ')}`);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as Error).message).toMatch(/\(line \[\d+\], column \[\d+\]\)$/);
        return;
      }
      expect(parsed(printed)).toBe(printed);
    }),
    { numRuns: 2000 },
  );
});
