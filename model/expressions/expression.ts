import { stringifyJson, UnsupportedError, UserError } from '../../core/index.js';
import type { LookupTable } from '../lookups/lookup-table.js';
import { lookupNamed, shownLookups } from '../lookups/pins.js';
import { type ColumnReader, NULL_READER, type RowSource } from '../rows.js';
import { freeNames, type Node } from './ast.js';
import { compileNode } from './compile.js';
import { FUNCTIONS, nearMisses } from './functions/registry.js';
import { withPathColumns } from './json-calls.js';
import { SyntaxProblem } from './lexer.js';
import { lookupNames, renameLookups } from './lookup-names.js';
import { parseText, type ResolvedFunction } from './parser.js';
import { printNode } from './print.js';

/** A parsed expression. */
export interface Expression {
  /** Its canonical text: fully parenthesised, names quoted. */
  readonly text: string;
  /** The columns it reads, in order of first use; paths into JSON columns are columns (see `json/path-column.ts`). */
  readonly inputs: readonly string[];
  /**
   * Compiles it against rows. The reader has the inferred type (STRING where everything is null). It is
   * `multiValue` when a multi-value column is read in a scalar position: then a row whose cell is a list
   * gives a list, of numbers too. It has a dictionary when the expression reads a single column that has
   * one; several ids of that dictionary may stand for equal values. Throws UserError where the columns'
   * types do not fit.
   */
  compile(source: RowSource): ColumnReader;
  /** The tree over `inputs`, for those who compile it otherwise. */
  readonly tree: Node;
}

/** A source without columns: all that does not depend on rows can be checked against it. */
const NO_COLUMNS: RowSource = { column: () => NULL_READER };

/**
 * Parses an expression. Syntax, functions, literals and constant parts are checked now: throws a UserError
 * that names `field`.
 */
export function parseExpression(text: unknown, field = 'expression'): Expression {
  if (typeof text !== 'string') {
    const got = text === undefined ? 'nothing' : stringifyJson(text).slice(0, 60);
    throw new UserError(`${field}: want an expression as text; got ${got}`, 'query', field);
  }
  const inField = <T>(run: () => T): T => reported(text, field, run);
  const written = inField(() => parseText(text, resolveFunction));
  const node = inField(() => withPathColumns(written));
  inField(() => compileNode(node, NO_COLUMNS));
  return new ParsedExpression(printNode(written), node, inField, lookupsOf(written));
}

/** The tables that an expression reads, pinned or current. */
const lookupsOf = (node: Node): LookupTable[] => lookupNames(node).map((name) => lookupNamed(name));

/** The text of an expression with other names of its lookups; the same where there are none, or where it cannot be parsed. */
export function renamedLookups(text: string, rename: (name: string) => string): string {
  try {
    const tree = parseText(text, resolveFunction);
    const isSame = lookupNames(tree).every((name) => rename(name) === name);
    return isSame ? text : printNode(renameLookups(tree, rename));
  } catch (error) {
    if (error instanceof SyntaxProblem) return text;
    throw error;
  }
}

class ParsedExpression implements Expression {
  readonly inputs: readonly string[];

  constructor(
    readonly text: string,
    readonly tree: Node,
    private readonly inField: <T>(run: () => T) => T,
    /** Held, so that they are there whenever it is compiled. */
    readonly lookups: readonly LookupTable[],
  ) {
    this.inputs = [...freeNames(tree)];
  }

  compile(source: RowSource): ColumnReader {
    return this.inField(() => compileNode(this.tree, source));
  }
}

function resolveFunction(name: string, at: number): ResolvedFunction {
  const key = name.toLowerCase();
  const definition = FUNCTIONS.get(key);
  if (definition !== undefined) {
    return { name: definition.name, takesLambda: definition.kind === 'apply' };
  }
  const similar = nearMisses(name);
  const hint = similar.length === 0 ? '' : ` Did you mean ${similar.join(' or ')}?`;
  throw new SyntaxProblem(`function '${name}' is not defined.${hint}`, at);
}

/** Runs a step of parsing or compiling; its errors get the field and the text. */
function reported<T>(text: string, field: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const written = shownLookups(text);
    const shown = written.length > 200 ? `${written.slice(0, 200)}…` : written;
    if (error instanceof SyntaxProblem) {
      const where = `at character ${error.at + 1} of ${JSON.stringify(shown)}`;
      throw new UserError(`${field}: ${error.message} (${where})`, 'query', field);
    }
    if (error instanceof UserError && !error.message.startsWith(field)) {
      throw new UserError(
        `${field}: ${error.message} (in ${JSON.stringify(shown)})`,
        error.kind,
        field,
      );
    }
    if (error instanceof UnsupportedError && !error.message.startsWith(field)) {
      throw new UnsupportedError(`${field}: ${error.message}`, { field });
    }
    throw error;
  }
}
