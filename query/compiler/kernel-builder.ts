import {
  add,
  type Code,
  get,
  i32,
  i64,
  type Local,
  load,
  op,
  set,
  shl,
  store,
} from './wasm/code.js';
import { FunctionBuilder } from './wasm/module.js';
import type { ValueKind } from './wasm/opcodes.js';

/** What a parameter of a kernel is: a number, or the address that a table gets before the kernel runs. */
export type ParameterValue = number | bigint | { readonly table: Uint8Array };

export interface Parameter {
  readonly kind: 'i32' | 'i64' | 'f64';
  readonly value: ParameterValue;
}

/** Bytes of a parameter in memory. */
export const PARAMETER_BYTES = 8;

/** Parameters that every kernel has, set anew for every call. */
export const CALL_PARAMETERS = [
  'states',
  'slots',
  'mask',
  'limit',
  'count',
  'sketchNext',
  'sketchLimit',
  'gatherNext',
  'gatherLimit',
  'gatherStates',
  'rowMask',
  'rowMaskStep',
] as const;
export type CallParameter = (typeof CALL_PARAMETERS)[number];

/**
 * Collects the parts of one kernel: `scan(parameters, from, to)`, which looks at the rows [from, to) in
 * blocks of 64 and gives the row where it stopped.
 *
 * Constants, addresses and tables are parameters in memory, read into locals at the start, so that the
 * code, and with it the compiled module, depends on the shape of the plan alone.
 */
export class KernelBuilder {
  readonly fn = new FunctionBuilder('scan', 3, 'i32');
  readonly parameters: Parameter[] = [];
  /** Which parameters are the words of the call's key, by their index. */
  readonly callWords = new Map<number, number>();
  /** Which are those of the run of rows. */
  readonly runWords = new Map<number, number>();
  /** Which are the addresses of masks (see `planned-rows.ts`). */
  readonly rowMasks = new Map<number, number>();
  /** Runs once, first. */
  readonly prologue: Code[] = [];
  /** Runs at the start of every block. */
  readonly blockStart: Code[] = [];
  /** Runs once, last. */
  readonly epilogue: Code[] = [];
  readonly from: Local;
  readonly to: Local;
  /** The first row of the block: a multiple of 64. */
  readonly blockRow: Local;
  /** The row that is being looked at. */
  readonly row: Local;
  readonly #base: Local;
  readonly #known = new Map<string, Local>();
  readonly #tables = new Map<Uint8Array, Local>();
  readonly #validMasks = new Map<number, Local>();

  constructor() {
    this.#base = this.fn.local('parameters', 'i32');
    this.from = this.fn.local('from', 'i32');
    this.to = this.fn.local('to', 'i32');
    this.blockRow = this.fn.local('block', 'i32');
    this.row = this.fn.local('row', 'i32');
    for (const name of CALL_PARAMETERS) {
      this.#known.set(name, this.#parameter('i32', 0, name));
    }
  }

  call(name: CallParameter): Local {
    return this.#known.get(name)!;
  }

  /** A word of the call's key, which is set anew for every call: `callWords` says where. */
  callWord(index: number): Local {
    return this.#word(`call ${index}`, 'i64', index, this.callWords);
  }

  /** A word of the run of rows (`run-words.ts`), which is set anew for every call too. */
  runWord(index: number): Local {
    return this.#word(`run ${index}`, 'i64', index, this.runWords);
  }

  /** Where the bits of a mask are: bit 0 is that of row 0. Set anew as rows go by. */
  rowMask(index: number): Local {
    return this.#word(`mask ${index}`, 'i32', index, this.rowMasks);
  }

  /** Writes a call parameter back, for whoever called. */
  storeCall(name: CallParameter): Code {
    const at = CALL_PARAMETERS.indexOf(name) * PARAMETER_BYTES;
    return store('i32.store', get(this.#base), get(this.call(name)), at);
  }

  /** A local that holds a constant of the plan. Equal constants share one. */
  constant(kind: Parameter['kind'], value: number | bigint): Local {
    const key = `${kind} ${Object.is(value, -0) ? '-0' : value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const local = this.#parameter(kind, value);
    this.#known.set(key, local);
    return local;
  }

  /** A local that holds the address of these bytes. */
  table(bytes: Uint8Array): Local {
    const local = this.#tables.get(bytes) ?? this.#parameter('i32', { table: bytes });
    this.#tables.set(bytes, local);
    return local;
  }

  local(name: string, kind: ValueKind): Local {
    return this.fn.local(`${name}${this.fn.locals.length}`, kind);
  }

  /** Bit i is set where row `block + i` is not null, by the null bitmap at an address. */
  validMask(nullsAddress: number): Local {
    const known = this.#validMasks.get(nullsAddress);
    if (known !== undefined) return known;
    const mask = this.local('valid', 'i64');
    const address = this.constant('i32', nullsAddress);
    const byte = op('i32.shr_u', get(this.blockRow), i32(3));
    const nulls = load('i64.load', add(get(address), byte));
    this.blockStart.push(set(mask, op('i64.xor', nulls, i64(-1n))));
    this.#validMasks.set(nullsAddress, mask);
    return mask;
  }

  /** The bit of a block's mask that stands for the current row, as 0 or 1. */
  bit(mask: Local): Code {
    const shifted = op('i64.shr_u', get(mask), op('i64.extend_i32_u', get(this.row)));
    return op('i32.and', op('i32.wrap_i64', shifted), i32(1));
  }

  /** Where the entry of the current row is, in a column of entries of `2 ** bits` bytes. */
  entry(address: number, bits: number): Code {
    return add(get(this.constant('i32', address)), shl(get(this.row), bits));
  }

  /** Where the entries of the block begin. */
  blockEntry(address: number, bits: number): Code {
    return add(get(this.constant('i32', address)), shl(get(this.blockRow), bits));
  }

  #word(key: string, kind: 'i32' | 'i64', index: number, words: Map<number, number>): Local {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    words.set(index, this.parameters.length);
    const local = this.#parameter(kind, 0n);
    this.#known.set(key, local);
    return local;
  }

  #parameter(kind: Parameter['kind'], value: ParameterValue, name?: string): Local {
    const index = this.parameters.length;
    this.parameters.push({ kind, value });
    const local = this.fn.local(name ?? `p${index}`, kind);
    this.prologue.push(set(local, this.#parameterAt(index, kind)));
    return local;
  }

  #parameterAt(index: number, kind: Parameter['kind']): Code {
    return load(`${kind}.load`, get(this.#base), index * PARAMETER_BYTES);
  }
}
