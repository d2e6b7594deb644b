import { InternalError } from '../../../core/index.js';
import { accessBytes, opcode, type ResultKind, type ValueKind } from './opcodes.js';

/**
 * A tree of instructions, as one writes them in folded text: `(i32.add (local.get $a) (i32.const 1))`.
 * Every node knows what it leaves on the stack, and is refused when its operands do not fit.
 */
export type Code =
  | {
      readonly kind: 'op';
      readonly name: string;
      readonly args: readonly Code[];
      readonly gives: ResultKind;
    }
  | {
      readonly kind: 'memory';
      readonly name: string;
      readonly offset: number;
      readonly args: readonly Code[];
      readonly gives: ResultKind;
    }
  | { readonly kind: 'const'; readonly value: number | bigint; readonly gives: ValueKind }
  | { readonly kind: 'get'; readonly local: Local; readonly gives: ValueKind }
  | { readonly kind: 'set'; readonly local: Local; readonly value: Code; readonly gives: 'void' }
  | { readonly kind: 'tee'; readonly local: Local; readonly value: Code; readonly gives: ValueKind }
  | {
      readonly kind: 'block' | 'loop';
      readonly label: Label;
      readonly body: readonly Code[];
      readonly gives: 'void';
    }
  | {
      readonly kind: 'if';
      readonly test: Code;
      readonly yes: readonly Code[];
      readonly no: readonly Code[];
      readonly gives: ResultKind;
    }
  | {
      readonly kind: 'br';
      readonly label: Label;
      readonly test: Code | null;
      readonly gives: 'void';
    }
  | {
      readonly kind: 'select';
      readonly args: readonly [Code, Code, Code];
      readonly gives: ValueKind;
    }
  | { readonly kind: 'return'; readonly value: Code; readonly gives: 'void' };

/** A parameter or local variable of a function. */
export interface Local {
  readonly name: string;
  readonly type: ValueKind;
  readonly index: number;
}

/** Where a branch goes: behind a block, or back to the beginning of a loop. */
export interface Label {
  readonly name: string;
}

/** Any instruction of the table that has no immediate. */
export function op(name: string, ...args: readonly Code[]): Code {
  const { takes, gives } = opcode(name);
  checkOperands(name, takes, args);
  return { kind: 'op', name, args, gives };
}

export function load(name: string, address: Code, offset = 0): Code {
  const { takes, gives } = opcode(name);
  checkOperands(name, takes, [address]);
  return { kind: 'memory', name, offset, args: [address], gives };
}

export function store(name: string, address: Code, value: Code, offset = 0): Code {
  const { takes, gives } = opcode(name);
  checkOperands(name, takes, [address, value]);
  return { kind: 'memory', name, offset, args: [address, value], gives };
}

export const i32 = (value: number): Code => ({ kind: 'const', value, gives: 'i32' });
export const i64 = (value: bigint): Code => ({ kind: 'const', value, gives: 'i64' });
export const f64 = (value: number): Code => ({ kind: 'const', value, gives: 'f64' });

export const get = (local: Local): Code => ({ kind: 'get', local, gives: local.type });

export function set(local: Local, value: Code): Code {
  checkOperands(`local.set $${local.name}`, [local.type], [value]);
  return { kind: 'set', local, value, gives: 'void' };
}

/** Sets a local and leaves the value. */
export function tee(local: Local, value: Code): Code {
  checkOperands(`local.tee $${local.name}`, [local.type], [value]);
  return { kind: 'tee', local, value, gives: local.type };
}

/** A body that `br` to its label leaves. */
export function block(name: string, body: (exit: Label) => readonly Code[]): Code {
  const label = { name };
  return { kind: 'block', label, body: body(label), gives: 'void' };
}

/** A body that `br` to its label begins again; it ends when it comes to its end. */
export function loop(name: string, body: (again: Label) => readonly Code[]): Code {
  const label = { name };
  return { kind: 'loop', label, body: body(label), gives: 'void' };
}

export function when(test: Code, yes: readonly Code[], no: readonly Code[] = []): Code {
  checkOperands('if', ['i32'], [test]);
  return { kind: 'if', test, yes, no, gives: 'void' };
}

/** One of two values; only the chosen one is computed. */
export function choose(test: Code, yes: Code, no: Code): Code {
  checkOperands('if', ['i32', valueKind(yes)], [test, no]);
  return { kind: 'if', test, yes: [yes], no: [no], gives: valueKind(yes) };
}

/** One of two values, without a branch: both are computed. */
export function select(yes: Code, no: Code, test: Code): Code {
  checkOperands('select', [valueKind(yes), 'i32'], [no, test]);
  return { kind: 'select', args: [yes, no, test], gives: valueKind(yes) };
}

export const br = (label: Label): Code => ({ kind: 'br', label, test: null, gives: 'void' });

export function brIf(label: Label, test: Code): Code {
  checkOperands('br_if', ['i32'], [test]);
  return { kind: 'br', label, test, gives: 'void' };
}

export const ret = (value: Code): Code => ({ kind: 'return', value, gives: 'void' });

/** `a + b` for addresses and indices; constants are added now. */
export function add(a: Code, b: Code): Code {
  if (a.kind === 'const' && b.kind === 'const') return i32(Number(a.value) + Number(b.value));
  if (b.kind === 'const' && b.value === 0) return a;
  if (a.kind === 'const' && a.value === 0) return b;
  return op('i32.add', a, b);
}

/** `a << bits` for indices. */
export const shl = (a: Code, bits: number): Code => (bits === 0 ? a : op('i32.shl', a, i32(bits)));

function valueKind(code: Code): ValueKind {
  if (code.gives === 'void')
    throw new InternalError('an instruction without a value is used as one');
  return code.gives;
}

function checkOperands(name: string, takes: readonly ValueKind[], args: readonly Code[]): void {
  const fits = takes.length === args.length && args.every(({ gives }, i) => gives === takes[i]);
  if (fits) return;
  throw new InternalError(
    `${name} takes (${takes.join(' ')}), got (${args.map(({ gives }) => gives).join(' ')})`,
  );
}

/** What a load or store touches, in bytes. */
export const alignmentOf = (name: string): number => Math.log2(accessBytes(name));
