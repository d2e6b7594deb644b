import { openColumn } from '../json/path-column.js';
import type { ColumnReader, RowSource } from '../rows.js';
import type { Scalar, Value } from '../types.js';
import { type CallNode, freeNames, type LambdaNode, type Node } from './ast.js';
import { callError, type Definition, type Lambda } from './functions/definition.js';
import { FUNCTIONS } from './functions/registry.js';
import { mapCells } from './map-cells.js';
import { constantOperand, type Operand, operand, Slot } from './operand.js';
import { compileBinary, compileUnary } from './operators.js';
import { arrayNames, liftLambdas, scalarNames, takesArray } from './usage.js';

/** Names that hide columns: lambda parameters, and multi-value columns that are being mapped. */
type Scope = ReadonlyMap<string, Operand>;

const EMPTY_SCOPE: Scope = new Map();

/**
 * Compiles a tree against rows. Types are inferred from the columns; what depends on no column is
 * computed now, so that `1 / 0` is an error for no rows too. Throws UserError without a field.
 */
export function compileNode(node: Node, source: RowSource): ColumnReader {
  if (node.kind === 'identifier') return openColumn(source, node.name);
  const [name, ...others] = freeNames(node);
  const column = name === undefined || others.length > 0 ? undefined : openColumn(source, name);
  return column?.dictionary === undefined
    ? new Compilation(node, source).reader()
    : perDistinctValue(node, column, column.dictionary);
}

/** The reader of an expression over one column with a dictionary: computed once for each of its ids. */
function perDistinctValue(
  node: Node,
  { type, multiValue, exists }: ColumnReader,
  dictionary: NonNullable<ColumnReader['dictionary']>,
): ColumnReader {
  let cell: Value = null;
  const column: ColumnReader = { type, multiValue, exists, get: () => cell };
  const result = compileNode(node, { column: () => column });
  const known: (Value | undefined)[] = [];
  const value = (id: number): Value => {
    const cached = known[id];
    if (cached !== undefined) return cached;
    cell = dictionary.value(id);
    const computed = result.get();
    known[id] = computed;
    return computed;
  };
  return {
    type: result.type,
    multiValue: result.multiValue,
    exists: true,
    get: () => value(dictionary.id()),
    dictionary: {
      get size() {
        return dictionary.size;
      },
      id: () => dictionary.id(),
      value,
    },
  };
}

class Compilation {
  readonly #columns = new Map<string, ColumnReader>();
  readonly #root: Node;
  readonly #arrays: ReadonlySet<string>;

  constructor(
    node: Node,
    private readonly source: RowSource,
  ) {
    this.#root = liftLambdas(node, (name) => this.#isMultiValue(name));
    this.#arrays = arrayNames(this.#root);
  }

  reader(): ColumnReader {
    const { type, get, multiValue } = this.#mapped(this.#root, EMPTY_SCOPE);
    const definition = this.#root.kind === 'call' ? definitionOf(this.#root) : null;
    const isCell = definition?.kind === 'function' && definition.multiValueResult === true;
    return {
      type: isCell ? 'STRING' : (type ?? 'STRING'),
      multiValue: isCell || multiValue,
      exists: true,
      get: isCell ? () => asCell(get() as readonly Scalar[] | null) : get,
    };
  }

  /** Compiles a tree on its own, for each value of the multi-value columns that stand in scalar positions. */
  #mapped(node: Node, scope: Scope): Operand {
    const names = [...scalarNames(node)].filter(
      (name) => !scope.has(name) && !this.#arrays.has(name) && this.#isMultiValue(name),
    );
    if (names.length === 0) return this.#compile(node, scope);
    const slots = names.map(() => new Slot());
    const inner = new Map(scope);
    for (const [i, name] of names.entries()) inner.set(name, slots[i]!.operand('STRING'));
    const columns = names.map((name) => this.#column(name));
    return mapCells(columns, slots, this.#compile(node, inner));
  }

  #compile(node: Node, scope: Scope): Operand {
    switch (node.kind) {
      case 'literal':
        return constantOperand(node.type, node.value);
      case 'identifier':
        return scope.get(node.name) ?? this.#columnOperand(node.name);
      case 'unary':
        return folded(node, compileUnary(node.operator, this.#compile(node.operand, scope)));
      case 'binary': {
        const left = this.#compile(node.left, scope);
        const right = this.#compile(node.right, scope);
        return folded(node, compileBinary(node.operator, left, right));
      }
      case 'call':
        return folded(node, this.#call(node, scope));
    }
  }

  #call(node: CallNode, scope: Scope): Operand {
    const definition = definitionOf(node);
    checkArity(definition, node);
    const args = node.args.map((arg, index) =>
      takesArray(node, index) ? this.#mapped(arg, scope) : this.#compile(arg, scope),
    );
    if (definition.kind === 'apply') {
      return definition.compile(this.#lambda(node.lambda!, scope), args);
    }
    return operand(definition.resultType(args), definition.compile(args));
  }

  #lambda({ parameters, body }: LambdaNode, scope: Scope): Lambda {
    return {
      bind: (types) => {
        const slots = types.map(() => new Slot());
        const inner = new Map(scope);
        for (const [i, name] of parameters.entries()) {
          inner.set(name, slots[i]!.operand(types[i]!));
        }
        return { slots, body: this.#compile(body, inner) };
      },
    };
  }

  #columnOperand(name: string): Operand {
    const { type, exists, multiValue, get } = this.#column(name);
    if (!exists) return operand(null, () => null);
    if (type === 'FLOAT') return operand('DOUBLE', get);
    return multiValue && type === 'STRING'
      ? operand('ARRAY<STRING>', asList(get))
      : operand(type, get);
  }

  #column(name: string): ColumnReader {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const reader = openColumn(this.source, name);
    const column = { ...described(reader), get: () => reader.get() };
    this.#columns.set(name, column);
    return column;
  }

  #isMultiValue(name: string): boolean {
    const { type, exists, multiValue } = this.#column(name);
    return exists && multiValue && type === 'STRING';
  }
}

const described = ({ type, exists, multiValue }: ColumnReader) => ({ type, exists, multiValue });

/** A multi-value cell as a list; null stays null. */
const asList = (get: () => Value) => (): Value => {
  const cell = get();
  return cell === null || Array.isArray(cell) ? cell : [cell as Scalar];
};

/** A list as a multi-value cell: none is null, one is the value itself. */
function asCell(list: readonly Scalar[] | null): Value {
  if (list === null || list.length > 1) return list;
  return list[0] ?? null;
}

/** The operand, computed now if the tree reads nothing. */
function folded(node: Node, result: Operand): Operand {
  return freeNames(node).size > 0 ? result : constantOperand(result.type, result.get());
}

function definitionOf(node: CallNode): Definition {
  const definition = FUNCTIONS.get(node.name.toLowerCase());
  if (definition === undefined) throw callError(node.name, 'is not defined');
  return definition;
}

function checkArity(definition: Definition, { lambda, args }: CallNode): void {
  const { name, arity, usage } = definition;
  if (args.length < arity.min || (arity.max !== null && args.length > arity.max)) {
    const given = args.length + (lambda === null ? 0 : 1);
    throw callError(name, `is called as ${usage}; got ${given} argument${given === 1 ? '' : 's'}`);
  }
  if (definition.kind !== 'apply' || lambda === null) return;
  const wanted = definition.lambdaArity(args.length);
  // A lambda of none looks at nothing.
  if (lambda.parameters.length > 0 && lambda.parameters.length !== wanted) {
    throw callError(
      name,
      `needs a lambda of ${wanted} parameters, got ${lambda.parameters.length}`,
    );
  }
}
