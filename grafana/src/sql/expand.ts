import { type Fill, MACROS, type Macro, type MacroScope } from './macros.js';
import { piecesOf } from './pieces.js';

export interface Expansion {
  readonly sql: string;
  /** Of the first group that asks for it. */
  readonly fill: Fill | null;
}

/**
 * Replaces the macros of a statement. Throws an Error in plain words for a macro that does not
 * exist, for a wrong number of arguments, and for an argument that it cannot read.
 */
export function expandMacros(sql: string, scope: MacroScope): Expansion {
  let fill: Fill | null = null;
  const expand = (text: string): string =>
    piecesOf(text)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        const expanded = macroNamed(piece.name, piece.args).expand(piece.args.map(expand), scope);
        if (typeof expanded === 'string') return expanded;
        fill ??= expanded.fill;
        return expanded.sql;
      })
      .join('');
  const expanded = expand(sql);
  return { sql: expanded, fill };
}

function macroNamed(name: string, args: readonly string[]): Macro {
  const macro = MACROS.get(name);
  if (macro === undefined) {
    const known = [...MACROS.keys()].map((each) => `$__${each}`).join(', ');
    throw new Error(`there is no macro $__${name}; the macros are ${known}`);
  }
  if (args.length < macro.min || args.length > macro.max || (args.length > 0 && args[0] === '')) {
    throw new Error(
      `$__${name}(${args.join(', ')}) does not have the arguments it needs; write ${macro.usage}`,
    );
  }
  return macro;
}
