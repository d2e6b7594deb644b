import { InternalError } from '../../core/index.js';
import { DEFAULT_LG_K, HEADER_BYTES, HyperLogLog, MAX_RANK } from '../../sketches/index.js';
import { add, brIf, get, i32, load, loop, op, ret, set, store } from '../compiler/wasm/code.js';
import { encodeModule, FunctionBuilder } from '../compiler/wasm/module.js';

const REGISTERS = 2 ** DEFAULT_LG_K;

/** Where the union's registers are in its memory; what is added comes to lie before it. */
const UNION = 4096;

/** Several dense HyperLogLogs of the default size together: 16 registers are raised at a time. */
export class DenseUnion {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  readonly #bytes = new Uint8Array(this.#memory.buffer);
  readonly #raise: (ranks: number) => number;

  constructor() {
    const module = new WebAssembly.Module(encodeModule(emitRaise()));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#raise = exports.raise as (ranks: number) => number;
  }

  /** Writes to [at, at + length of a piece) what was added to any of some sketches. Throws CorruptSketchError. */
  write(pieces: readonly Uint8Array[], into: Uint8Array, at: number): void {
    this.#bytes.fill(0, UNION, UNION + REGISTERS);
    for (const piece of pieces) this.#add(piece);
    into.set(pieces[0]!.subarray(0, HEADER_BYTES), at);
    into.set(this.#bytes.subarray(UNION, UNION + REGISTERS), at + HEADER_BYTES);
  }

  #add(piece: Uint8Array): void {
    // Bytes of shared memory are copied by words only where both sides lie alike.
    const place = piece.byteOffset % 8;
    this.#bytes.set(piece, place);
    if (this.#raise(place + HEADER_BYTES) === 0) return;
    HyperLogLog.ofDefault(piece);
    throw new InternalError('a HyperLogLog that is damaged in one way only');
  }
}

/** Raises the union's registers to ranks at an address; gives 0 unless one of these is too high. */
function emitRaise(): FunctionBuilder {
  const fn = new FunctionBuilder('raise', 1, 'i32');
  const [ranks, at] = [fn.local('ranks', 'i32'), fn.local('at', 'i32')];
  const [more, highest] = [fn.local('more', 'v128'), fn.local('highest', 'v128')];
  const raised = op('i8x16.max_u', load('v128.load', get(at), UNION), get(more));
  const tooHigh = op('i8x16.splat', i32(MAX_RANK + 1));
  fn.body = [
    loop('registers', (next) => [
      set(more, load('v128.load', add(get(ranks), get(at)))),
      set(highest, op('i8x16.max_u', get(highest), get(more))),
      store('v128.store', get(at), raised, UNION),
      set(at, add(get(at), i32(16))),
      brIf(next, op('i32.lt_u', get(at), i32(REGISTERS))),
    ]),
    ret(op('i8x16.bitmask', op('i8x16.ge_u', get(highest), tooHigh))),
  ];
  return fn;
}
