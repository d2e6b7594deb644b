import { InternalError } from '../../../core/index.js';
import { alignmentOf, type Code, type Label, type Local } from './code.js';
import { opcode, type ResultKind, type ValueKind } from './opcodes.js';

const KIND_BYTES: Readonly<Record<ValueKind, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const VOID = 0x40;

/** The largest memory there is: the module takes any shared memory up to it. */
const MAX_PAGES = 65_536;

/** A function being written: its parameters and locals, and at last its body. */
export class FunctionBuilder {
  readonly locals: Local[] = [];
  body: readonly Code[] = [];

  constructor(
    readonly name: string,
    readonly parameterCount: number,
    readonly result: ResultKind,
  ) {}

  /** The parameters come first. */
  local(name: string, type: ValueKind): Local {
    const local = { name, type, index: this.locals.length };
    this.locals.push(local);
    return local;
  }
}

/**
 * A module of one exported function over one imported shared memory, in the binary format
 * (webassembly.github.io/spec/core/binary/modules.html).
 */
export function encodeModule(fn: FunctionBuilder): Uint8Array<ArrayBuffer> {
  const parameters = fn.locals.slice(0, fn.parameterCount).map(({ type }) => KIND_BYTES[type]);
  const results = fn.result === 'void' ? [] : [KIND_BYTES[fn.result]];
  const type = [0x60, ...vector(parameters), ...vector(results)];
  const memory = [
    ...text('env'),
    ...text('memory'),
    0x02,
    0x03,
    ...unsigned(0),
    ...unsigned(MAX_PAGES),
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, ...type]),
    ...section(2, [1, ...memory]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text(fn.name), 0x00, 0]),
    ...section(10, [1, ...sized(functionBytes(fn))]),
  ]);
}

function functionBytes(fn: FunctionBuilder): number[] {
  const locals = fn.locals.slice(fn.parameterCount).flatMap(({ type }) => [1, KIND_BYTES[type]]);
  const out: number[] = [...unsigned(fn.locals.length - fn.parameterCount), ...locals];
  for (const code of fn.body) encode(code, [], out);
  out.push(0x0b);
  return out;
}

/** `labels` are the enclosing ones, innermost last. */
function encode(code: Code, labels: readonly (Label | null)[], out: number[]): void {
  switch (code.kind) {
    case 'const':
      encodeConstant(code.gives, code.value, out);
      return;
    case 'get':
      out.push(0x20, ...unsigned(code.local.index));
      return;
    case 'set':
    case 'tee':
      encode(code.value, labels, out);
      out.push(code.kind === 'set' ? 0x21 : 0x22, ...unsigned(code.local.index));
      return;
    case 'op':
      for (const arg of code.args) encode(arg, labels, out);
      out.push(...opcode(code.name).bytes);
      return;
    case 'memory':
      for (const arg of code.args) encode(arg, labels, out);
      out.push(...opcode(code.name).bytes, alignmentOf(code.name), ...unsigned(code.offset));
      return;
    case 'select':
      for (const arg of code.args) encode(arg, labels, out);
      out.push(0x1b);
      return;
    case 'return':
      encode(code.value, labels, out);
      out.push(0x0f);
      return;
    case 'br':
      if (code.test !== null) encode(code.test, labels, out);
      out.push(code.test === null ? 0x0c : 0x0d, ...unsigned(depthOf(code.label, labels)));
      return;
    case 'block':
    case 'loop':
      out.push(code.kind === 'block' ? 0x02 : 0x03, VOID);
      for (const each of code.body) encode(each, [...labels, code.label], out);
      out.push(0x0b);
      return;
    case 'if':
      encodeIf(code, labels, out);
  }
}

function encodeIf(
  { test, yes, no, gives }: Extract<Code, { kind: 'if' }>,
  labels: readonly (Label | null)[],
  out: number[],
): void {
  encode(test, labels, out);
  out.push(0x04, gives === 'void' ? VOID : KIND_BYTES[gives]);
  for (const each of yes) encode(each, [...labels, null], out);
  if (no.length > 0) {
    out.push(0x05);
    for (const each of no) encode(each, [...labels, null], out);
  }
  out.push(0x0b);
}

function encodeConstant(kind: ValueKind, value: number | bigint, out: number[]): void {
  if (kind === 'i32') out.push(0x41, ...signed(BigInt(Number(value) | 0)));
  else if (kind === 'i64') out.push(0x42, ...signed(BigInt.asIntN(64, BigInt(value))));
  else if (kind === 'f64') {
    out.push(0x44, ...new Uint8Array(Float64Array.of(Number(value)).buffer));
  } else throw new InternalError(`no constant of ${kind}`);
}

function depthOf(label: Label, labels: readonly (Label | null)[]): number {
  const at = labels.lastIndexOf(label);
  if (at < 0) throw new InternalError(`a branch leads to ${label.name} from outside`);
  return labels.length - 1 - at;
}

const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content];
const vector = (items: readonly number[]): number[] => [...unsigned(items.length), ...items];
const text = (name: string): number[] => sized([...Buffer.from(name)]);

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}
