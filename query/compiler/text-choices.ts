import {
  type ColumnReader,
  compileNode,
  freeNames,
  type Node,
  NULL_READER,
} from '../../model/index.js';
import type { CodeColumn, CodeSource, Columns } from './columns.js';
import { lowerExpression, lowerTruth } from './expressions.js';
import type { KernelBuilder } from './kernel-builder.js';
import { lowerLookup } from './lookups.js';
import { codeOf, codeOfAll } from './numbers.js';
import { type CodePiece, TextPieces } from './text-pieces.js';
import { add, type Code, choose, get, i32, load, op } from './wasm/code.js';

type Emit = (kernel: KernelBuilder) => Code;

/** A text that an expression chooses among columns and constants, as a code in [0, size). */
export interface TextChoice {
  readonly size: number;
  /** No two codes have equal values. */
  readonly isDistinct: boolean;
  readonly code: Emit;
  /** Rows that stand on a code; they have this one column. */
  readonly source: () => CodeSource;
}

/** The virtual column `name`, of type STRING; null when it has to be interpreted. */
export function lowerText(columns: Columns, name: string): TextChoice | null {
  const pieces = new TextPieces(columns);
  const text = new TextLowering(columns, pieces).column(name);
  if (text === null) return null;
  return {
    size: pieces.size,
    isDistinct: pieces.isDistinct,
    code: text.code,
    source() {
      const position = { code: 0 };
      const reader: ColumnReader = {
        type: 'STRING',
        multiValue: false,
        exists: true,
        get: () => pieces.text(position.code),
      };
      const column = (asked: string) => (asked === name ? reader : NULL_READER);
      return Object.assign(position, { column });
    },
  };
}

/** The text of the current row, as a code among all pieces, and whether it is null; null where it never is. */
interface Text {
  readonly code: Emit;
  readonly isNull: Emit | null;
}

/** Takes an expression apart down to its pieces. Null: it has to be interpreted. */
class TextLowering {
  constructor(
    private readonly columns: Columns,
    private readonly pieces: TextPieces,
  ) {}

  column(name: string): Text | null {
    const virtual = this.columns.virtual(name);
    if (virtual === null) return this.#stored(name);
    const { expression, outputType } = virtual;
    if (expression === null || outputType !== 'STRING') return null;
    return this.columns.following(name, () => this.#node(expression.tree));
  }

  #node(node: Node): Text | null {
    switch (node.kind) {
      case 'literal':
        return node.type === 'STRING' || node.type === null
          ? this.#constant(node.value as string | null)
          : null;
      case 'identifier':
        return this.column(node.name);
      case 'call':
        return this.#call(node) ?? this.#perCode(node);
      default:
        return this.#perCode(node);
    }
  }

  #call({ name, args }: Extract<Node, { kind: 'call' }>): Text | null {
    switch (name) {
      case 'if':
        return this.#cases([args[0]!, args[1]!], args[2]!);
      case 'case_searched': {
        const hasElse = args.length % 2 === 1;
        return this.#cases(hasElse ? args.slice(0, -1) : args, hasElse ? args.at(-1)! : NOTHING);
      }
      case 'case_simple': {
        const [subject, ...rest] = args;
        const hasElse = rest.length % 2 === 1;
        const cases = (hasElse ? rest.slice(0, -1) : rest).map((node, i) =>
          i % 2 === 0 ? equality(subject!, node) : node,
        );
        return this.#cases(cases, hasElse ? rest.at(-1)! : NOTHING);
      }
      case 'nvl':
      case 'coalesce':
        return this.#firstKnown(args);
      case 'lookup':
        return this.#lookup(args);
      default:
        return null;
    }
  }

  /** Conditions and results in turn. */
  #cases([test, then, ...rest]: readonly Node[], otherwise: Node): Text | null {
    if (test === undefined) return this.#node(otherwise);
    const truth = lowerTruth(this.columns, { tree: test });
    const yes = truth === null ? null : this.#node(then!);
    const no = yes === null ? null : this.#cases(rest, otherwise);
    return no === null ? null : chosen(truth!.holds, yes!, no);
  }

  #firstKnown([first, ...rest]: readonly Node[]): Text | null {
    const text = this.#node(first!);
    if (text === null || rest.length === 0) return text;
    const others = this.#firstKnown(rest);
    if (others === null || text.isNull === null) return others === null ? null : text;
    return chosen(text.isNull, others, text);
  }

  #lookup(args: readonly Node[]): Text | null {
    const found = lowerLookup(this.columns, args, (tree) =>
      lowerExpression(this.columns, { tree }),
    );
    if (found === null) return null;
    const { size, text, code, missing } = found;
    const offset = this.pieces.addCodes({
      size,
      text,
      dictionary: null,
      isDistinct: missing === null,
    });
    return {
      code: (kernel) => moved(kernel, code(kernel), offset()),
      isNull: missing === null ? (kernel) => op('i32.eqz', code(kernel)) : null,
    };
  }

  #constant(value: string | null): Text {
    const code = this.pieces.addConstant(value);
    return {
      code: (kernel) => get(kernel.constant('i32', code())),
      isNull: value === null ? () => i32(1) : null,
    };
  }

  /** A dictionary of texts. */
  #stored(name: string): Text | null {
    if (!this.columns.exists(name)) return this.#constant(null);
    const column = this.columns.codes(name);
    if (column === null || column.scan.texts === null) return null;
    const code = this.#codes([column], {
      size: column.size,
      text: (each) => column.value(each) as string | null,
      dictionary: column,
      isDistinct: true,
    });
    const { hasNull } = column.scan.texts;
    return { code, isNull: hasNull ? (kernel) => op('i32.eqz', codeOf(kernel, column)) : null };
  }

  /** What is computed from columns of codes: by the interpreter, for each code, or combination, that is asked for. */
  #perCode(node: Node): Text | null {
    const names = [...freeNames(node)];
    const only = this.columns.onlyCodes(names);
    const columns = only === null ? this.columns.fewCodes(names) : [only];
    if (columns === null || !names.every((name) => this.columns.exists(name))) return null;
    const source = this.columns.overAll(columns);
    const reader = compileNode(node, source);
    if (reader.type !== 'STRING' || reader.multiValue) return null;
    const size = columns.reduce((all, column) => all * column.size, 1);
    const text = (code: number) => {
      source.code = code;
      return reader.get() as string | null;
    };
    if (columns.length === 0) return this.#constant(text(0));
    return {
      code: this.#codes(columns, { size, text, dictionary: null, isDistinct: false }),
      isNull(kernel) {
        const nulls = Uint8Array.from({ length: size }, (_, code) => Number(text(code) === null));
        return load('i32.load8_u', add(get(kernel.table(nulls)), codeOfAll(kernel, columns)));
      },
    };
  }

  #codes(columns: readonly CodeColumn[], piece: CodePiece): Emit {
    const offset = this.pieces.addCodes(piece);
    return (kernel) => moved(kernel, codeOfAll(kernel, columns), offset());
  }
}

const moved = (kernel: KernelBuilder, code: Code, offset: number): Code =>
  offset === 0 ? code : add(code, get(kernel.constant('i32', offset)));

const NOTHING: Node = { kind: 'literal', type: null, value: null };

const equality = (left: Node, right: Node): Node => ({
  kind: 'binary',
  operator: '==',
  left,
  right,
});

function chosen(test: Emit, yes: Text, no: Text): Text {
  const nullCode = ({ isNull }: Text, kernel: KernelBuilder) =>
    isNull === null ? i32(0) : isNull(kernel);
  return {
    code: (kernel) => choose(test(kernel), yes.code(kernel), no.code(kernel)),
    isNull:
      yes.isNull === null && no.isNull === null
        ? null
        : (kernel) => choose(test(kernel), nullCode(yes, kernel), nullCode(no, kernel)),
  };
}
