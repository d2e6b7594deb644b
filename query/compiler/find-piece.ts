import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  type Local,
  load,
  loop,
  op,
  ret,
  set,
  shl,
  store,
  when,
} from './wasm/code.js';
import { encodeModule, FunctionBuilder } from './wasm/module.js';

/** The parameters of `find`, in order. Addresses, but for lengths, codes and counts. */
const PARAMETERS = [
  'piece',
  'length',
  'bytes',
  'offsets',
  'code',
  'endCode',
  'found',
  'limit',
  'isAtEnd',
] as const;
type Parameters = { readonly [name in (typeof PARAMETERS)[number]]: number };

/**
 * Writes the codes of texts that hold a piece to `found`, ascending, u32 each, and gives how many they are;
 * no more than `limit`. The texts are those of [code, endCode), which lie one after another in `bytes`; the
 * piece has `length` bytes, one at least and no more than all these texts. With `isAtEnd` it has to end a text.
 */
export type FindPiece = (parameters: Parameters) => number;

let compiled: WebAssembly.Module | null = null;
const instances = new WeakMap<WebAssembly.Memory, FindPiece>();

/** The function over a memory. */
export function findPieceIn(memory: WebAssembly.Memory): FindPiece {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  compiled ??= new WebAssembly.Module(encodeModule(emitFind()));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const find = exports.find as (...values: readonly number[]) => number;
  const findPiece: FindPiece = (parameters) => find(...PARAMETERS.map((name) => parameters[name]));
  instances.set(memory, findPiece);
  return findPiece;
}

/**
 * All texts at once, as if they were one: 16 places at a time are compared with the first and the last byte of
 * the piece, the few that are left byte by byte; only then is asked in which text a place lies. (The "generic
 * SIMD" search of W. Muła, 0x80.pl/articles/simd-strfind.html.)
 */
function emitFind(): FunctionBuilder {
  const fn = new FunctionBuilder('find', PARAMETERS.length, 'i32');
  const { piece, length, bytes, offsets, code, endCode, found, limit, isAtEnd } =
    Object.fromEntries(PARAMETERS.map((name) => [name, fn.local(name, 'i32')])) as Record<
      keyof Parameters,
      Local
    >;
  const [at, stop, next] = [
    fn.local('at', 'i32'),
    fn.local('stop', 'i32'),
    fn.local('next', 'i32'),
  ];
  const [mask, place, i] = [
    fn.local('mask', 'i32'),
    fn.local('place', 'i32'),
    fn.local('i', 'i32'),
  ];
  const count = fn.local('count', 'i32');
  const [first, last] = [fn.local('first', 'v128'), fn.local('last', 'v128')];
  const textAt = (index: Code): Code =>
    add(get(bytes), load('i32.load', add(get(offsets), shl(index, 2))));
  const lastIndex = op('i32.sub', get(length), i32(1));
  const byteAt = (start: Code, index: Code): Code => load('i32.load8_u', add(start, index));
  const ends = add(get(place), get(length));
  const sixteen = (local: Local, start: Code): Code =>
    op('i8x16.eq', load('v128.load', start), get(local));
  const candidates = op(
    'i8x16.bitmask',
    op('v128.and', sixteen(first, get(at)), sixteen(last, add(get(at), lastIndex))),
  );
  const compareInside = [
    set(i, i32(1)),
    block('compared', (compared) => [
      loop('inside', (inside) => [
        brIf(compared, op('i32.ge_u', get(i), lastIndex)),
        brIf(compared, op('i32.ne', byteAt(get(place), get(i)), byteAt(get(piece), get(i)))),
        set(i, add(get(i), i32(1))),
        br(inside),
      ]),
    ]),
  ];
  const findText = [
    loop('texts', (again) => [
      set(next, textAt(add(get(code), i32(1)))),
      when(op('i32.le_u', get(next), get(place)), [set(code, add(get(code), i32(1))), br(again)]),
    ]),
  ];
  fn.body = [
    set(first, op('i8x16.splat', byteAt(get(piece), i32(0)))),
    set(last, op('i8x16.splat', byteAt(get(piece), lastIndex))),
    set(at, textAt(get(code))),
    set(stop, op('i32.sub', textAt(get(endCode)), lastIndex)),
    block('end', (end) => [
      loop('steps', (step) => [
        brIf(end, op('i32.ge_u', get(at), get(stop))),
        set(mask, candidates),
        block('passed', (passed) => [
          loop('candidates', (candidate) => [
            brIf(passed, op('i32.eqz', get(mask))),
            set(place, add(get(at), op('i32.ctz', get(mask)))),
            set(mask, op('i32.and', get(mask), op('i32.sub', get(mask), i32(1)))),
            brIf(end, op('i32.ge_u', get(place), get(stop))),
            ...compareInside,
            brIf(candidate, op('i32.lt_u', get(i), lastIndex)),
            ...findText,
            // From one text into the next.
            brIf(candidate, op('i32.gt_u', ends, get(next))),
            brIf(candidate, op('i32.and', get(isAtEnd), op('i32.ne', ends, get(next)))),
            store('i32.store', add(get(found), shl(get(count), 2)), get(code)),
            set(count, add(get(count), i32(1))),
            brIf(end, op('i32.eq', get(count), get(limit))),
            set(at, get(next)),
            br(step),
          ]),
        ]),
        set(at, add(get(at), i32(16))),
        br(step),
      ]),
    ]),
    ret(get(count)),
  ];
  return fn;
}
