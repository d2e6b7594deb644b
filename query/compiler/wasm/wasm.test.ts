import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  choose,
  f64,
  get,
  i32,
  i64,
  type Local,
  load,
  loop,
  op,
  ret,
  select,
  set,
  shl,
  store,
  tee,
  when,
} from './code.js';
import { encodeModule, FunctionBuilder } from './module.js';
import { accessBytes, opcode, type ResultKind, type ValueKind } from './opcodes.js';
import { printFunction } from './text.js';

type Parameters = Readonly<Record<string, ValueKind>>;
type Body = (locals: Record<string, Local>, fn: FunctionBuilder) => readonly Code[];

function functionOf(parameters: Parameters, result: ResultKind, body: Body): FunctionBuilder {
  const names = Object.keys(parameters);
  const fn = new FunctionBuilder('f', names.length, result);
  const locals = Object.fromEntries(names.map((name) => [name, fn.local(name, parameters[name]!)]));
  fn.body = body(locals, fn);
  return fn;
}

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

function callable(fn: FunctionBuilder): (...args: (number | bigint)[]) => number | bigint {
  const module = new WebAssembly.Module(encodeModule(fn));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports.f as (...args: (number | bigint)[]) => number | bigint;
}

/** What one instruction gives for its operands. */
const evaluate = (result: ResultKind, ...body: readonly Code[]) =>
  callable(functionOf({}, result, () => body))();

describe('constants', () => {
  it.each([
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    8191,
    8192,
    -8192,
    -8193,
    2 ** 31 - 1,
    -(2 ** 31),
  ])('i32 %d', (value) => expect(evaluate('i32', i32(value))).toBe(value));

  it('i32 above 2^31 wraps, as addresses do', () => {
    expect(evaluate('i32', i32(2 ** 32 - 1))).toBe(-1);
    expect(evaluate('i32', i32(2 ** 31))).toBe(-(2 ** 31));
  });

  it('i64 at every length of its LEB128 form', () => {
    for (let bits = 0n; bits <= 63n; bits++) {
      for (const value of [2n ** bits, 2n ** bits - 1n, -(2n ** bits), -(2n ** bits) - 1n]) {
        const wrapped = BigInt.asIntN(64, value);
        expect(evaluate('i64', i64(value))).toBe(wrapped);
      }
    }
  });

  it.each([
    ...[0, -0, 1.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ...[Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 0.1],
  ])('f64 %d', (value) => expect(evaluate('f64', f64(value))).toBe(value));

  it('any of them', () => {
    const bits = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(bits, fc.double(), (long, double) => {
        expect(evaluate('i64', i64(long))).toBe(long);
        expect(evaluate('f64', f64(double))).toBe(double);
      }),
    );
  });

  it('has none of other kinds', () => {
    const lanes: Code = { kind: 'const', value: 0, gives: 'v128' };
    const fn = functionOf({}, 'void', (_, builder) => [set(builder.local('v', 'v128'), lanes)]);
    expect(() => encodeModule(fn)).toThrow('no constant of v128');
  });
});

describe('control', () => {
  /** The sum of the odd numbers below n; -1 above a limit. */
  const sum = functionOf({ n: 'i32', limit: 'i32' }, 'i32', ({ n, limit }, fn) => {
    const [i, total] = [fn.local('i', 'i32'), fn.local('total', 'i32')];
    return [
      block('done', (done) => [
        loop('next', (next) => [
          brIf(done, op('i32.ge_u', get(i), get(n!))),
          block('skip', (skip) => [
            when(op('i32.eqz', op('i32.and', get(i), i32(1))), [br(skip)]),
            set(total, op('i32.add', get(total), get(i))),
            when(op('i32.gt_u', get(total), get(limit!)), [ret(i32(-1))], [brIf(skip, i32(1))]),
          ]),
          set(i, add(get(i), i32(1))),
          br(next),
        ]),
      ]),
      get(total),
    ];
  });
  it('loops, leaves blocks, and returns from within', () => {
    const run = callable(sum);
    for (const n of [0, 1, 2, 10, 1000]) {
      const numbers = Array.from({ length: n }, (_, i) => i).filter((i) => i % 2 === 1);
      expect(run(n, 1e9)).toBe(numbers.reduce((a, b) => a + b, 0));
    }
    expect(run(1000, 50)).toBe(-1);
  });

  it('leaves any of many nested blocks', () => {
    const depth = 20;
    const nested = (labels: readonly { name: string }[], wanted: Local, left: Local): Code[] => {
      if (labels.length === depth) {
        const leave = labels.map((label, i) => brIf(label, op('i32.eq', get(wanted), i32(i))));
        return [...leave, set(left, i32(-1))];
      }
      const level = labels.length;
      return [
        block('b', (label) => nested([...labels, label], wanted, left)),
        set(left, op('i32.add', get(left), i32(1 << Math.min(level, 25)))),
      ];
    };
    const fn = functionOf({ wanted: 'i32' }, 'i32', ({ wanted }, builder) => {
      const left = builder.local('left', 'i32');
      return [...nested([], wanted!, left), get(left)];
    });
    const run = callable(fn);
    // Leaving block i, what stands behind blocks i … 0 still runs.
    for (let i = 0; i < depth; i++) expect(run(i)).toBe(2 ** (i + 1) - 1);
  });

  it('refuses a branch to a block that is not around it', () => {
    const stray = { name: 'elsewhere' };
    const fn = functionOf({}, 'void', () => [block('here', () => [br(stray)])]);
    expect(() => encodeModule(fn)).toThrow('a branch leads to elsewhere from outside');
  });

  it('computes only the chosen branch, and both sides of a select', () => {
    const fn = functionOf({ test: 'i32' }, 'i32', ({ test }, builder) => {
      const count = builder.local('count', 'i32');
      const counted = (value: number): Code =>
        add(op('i32.mul', tee(count, add(get(count), i32(1))), i32(0)), i32(value));
      return [
        set(count, op('i32.mul', choose(get(test!), counted(5), counted(7)), get(count))),
        select(add(get(count), i32(100)), get(count), get(test!)),
      ];
    });
    const run = callable(fn);
    expect([run(1), run(0)]).toEqual([105, 7]);
  });
});

describe('locals', () => {
  const KINDS: readonly ValueKind[] = ['i32', 'i64', 'f32', 'f64', 'v128'];

  it('begin at zero and keep their values, of all kinds and beyond 127 of them', () => {
    const fn = functionOf({ a: 'i32', b: 'i64', c: 'f64' }, 'f64', ({ a, b, c }, builder) => {
      const locals = Array.from({ length: 300 }, (_, i) => builder.local(`l${i}`, KINDS[i % 5]!));
      const [int, long, float, double, lanes] = locals.slice(295) as [
        Local,
        Local,
        Local,
        Local,
        Local,
      ];
      const laneBits = op('i8x16.bitmask', op('i32x4.eq', get(lanes), get(locals[4]!)));
      return [
        set(int, get(a!)),
        set(long, op('i64.add', get(b!), get(locals[1]!))),
        set(float, op('f32.demote_f64', get(c!))),
        set(double, op('f64.promote_f32', get(float))),
        set(lanes, op('i32x4.splat', get(int))),
        op(
          'f64.add',
          op('f64.add', get(double), op('f64.convert_i64_s', get(long))),
          op('f64.convert_i64_s', op('i64.extend_i32_u', laneBits)),
        ),
      ];
    });
    const run = callable(fn);
    expect(run(0, 10n, 0.5)).toBe(10.5 + 0xffff);
    expect(run(7, -10n, 0.1)).toBe(-10 + Math.fround(0.1));
  });

  it('take values of their kind only', () => {
    const fn = new FunctionBuilder('f', 0, 'void');
    const local = fn.local('x', 'i64');
    expect(() => set(local, i32(1))).toThrow('local.set $x takes (i64), got (i32)');
    expect(() => tee(local, f64(1))).toThrow('local.tee $x takes (i64), got (f64)');
  });
});

/** Every name in the table, read from its source: those that are not instructions are none of it. */
const NAMES = [
  ...new Set(
    [
      ...readFileSync(new URL('./opcodes.ts', import.meta.url), 'utf8').matchAll(
        /'([a-z]\w+\.\w+)'/g,
      ),
    ]
      .map((match) => match[1]!)
      .filter((name) => name !== 'v128.v128'),
  ),
];

const zero = (kind: ValueKind): Code => {
  switch (kind) {
    case 'i32':
      return i32(0);
    case 'i64':
      return i64(0n);
    case 'f64':
      return f64(0);
    case 'f32':
      return op('f32.demote_f64', f64(0));
    case 'v128':
      return op('i8x16.splat', i32(0));
  }
};

function instruction(name: string): Code {
  const args = opcode(name).takes.map(zero);
  if (name.includes('.load')) return load(name, args[0]!, 8);
  return name.includes('.store') ? store(name, args[0]!, args[1]!, 8) : op(name, ...args);
}

describe('instructions', () => {
  it('are many', () => expect(NAMES.length).toBeGreaterThan(90));

  it.each(NAMES)('%s is one of a real module, with the types of the table', (name) => {
    const { gives } = opcode(name);
    const fn = functionOf({}, 'void', (_, builder) =>
      gives === 'void' ? [instruction(name)] : [set(builder.local('to', gives), instruction(name))],
    );
    expect(() => new WebAssembly.Module(encodeModule(fn))).not.toThrow();
  });

  it.each(NAMES.filter((name) => opcode(name).takes.length > 0))(
    '%s refuses operands of other kinds or number',
    (name) => {
      const { takes } = opcode(name);
      const wrong = takes.map((kind) => zero(kind === 'i32' ? 'i64' : 'i32'));
      expect(() => op(name, ...wrong)).toThrow(`${name} takes (${takes.join(' ')})`);
      expect(() => op(name, ...takes.map(zero), i32(0))).toThrow('takes');
      expect(() => op(name)).toThrow('takes');
    },
  );

  it('are refused where they are not in the table', () => {
    expect(() => op('i32.div_s', i32(1), i32(1))).toThrow('no WebAssembly instruction i32.div_s');
  });

  it('without a value are no operands', () => {
    const nothing = store('i32.store', i32(0), i32(0));
    expect(() => op('i32.eqz', nothing)).toThrow('takes (i32), got (void)');
    expect(() => choose(i32(1), nothing, nothing)).toThrow('without a value');
    expect(() => when(i64(1n), [])).toThrow('if takes (i32), got (i64)');
    expect(() => brIf({ name: 'x' }, f64(1))).toThrow('br_if takes (i32), got (f64)');
  });

  it('choose and select want both sides of one kind', () => {
    expect(() => choose(i32(1), i32(1), i64(1n))).toThrow('takes');
    expect(() => select(i32(1), f64(1), i32(1))).toThrow('takes');
  });
});

describe('arithmetic', () => {
  type Longs = (a: bigint, b: bigint) => bigint | boolean;
  const unsigned = (value: bigint, bits: number) => BigInt.asUintN(bits, value);
  const oracle = (bits: number): Record<string, Longs> => ({
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    shl: (a, b) => a << unsigned(b, Math.log2(bits)),
    shr_s: (a, b) => a >> unsigned(b, Math.log2(bits)),
    shr_u: (a, b) => unsigned(a, bits) >> unsigned(b, Math.log2(bits)),
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    lt_s: (a, b) => a < b,
    gt_s: (a, b) => a > b,
    le_s: (a, b) => a <= b,
    ge_s: (a, b) => a >= b,
    lt_u: (a, b) => unsigned(a, bits) < unsigned(b, bits),
    gt_u: (a, b) => unsigned(a, bits) > unsigned(b, bits),
    le_u: (a, b) => unsigned(a, bits) <= unsigned(b, bits),
    ge_u: (a, b) => unsigned(a, bits) >= unsigned(b, bits),
    ...(bits === 64 ? { rotl: rotated } : {}),
  });
  const rotated: Longs = (a, b) => {
    const by = unsigned(b, 6);
    return (unsigned(a, 64) << by) | (unsigned(a, 64) >> (64n - by));
  };
  const edges = [
    0n,
    1n,
    -1n,
    2n,
    31n,
    63n,
    2n ** 31n,
    2n ** 31n - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  const long = fc.oneof(
    fc.constantFrom(...edges),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  );

  it.each(Object.entries(oracle(64)))('i64.%s', (name, want) => {
    const { gives } = opcode(`i64.${name}`);
    const run = callable(
      functionOf({ a: 'i64', b: 'i64' }, gives, ({ a, b }) => [
        op(`i64.${name}`, get(a!), get(b!)),
      ]),
    );
    fc.assert(
      fc.property(long, long, (a, b) => {
        const wanted = want(a, b);
        expect(run(a, b)).toBe(
          typeof wanted === 'boolean' ? Number(wanted) : BigInt.asIntN(64, wanted),
        );
      }),
    );
  });

  it.each(Object.entries(oracle(32)))('i32.%s', (name, want) => {
    const run = callable(
      functionOf({ a: 'i32', b: 'i32' }, 'i32', ({ a, b }) => [
        op(`i32.${name}`, get(a!), get(b!)),
      ]),
    );
    fc.assert(
      fc.property(long, long, (x, y) => {
        const [a, b] = [BigInt.asIntN(32, x), BigInt.asIntN(32, y)];
        const wanted = want(a, b);
        expect(run(Number(a), Number(b))).toBe(Number(BigInt.asIntN(32, BigInt(wanted))));
      }),
    );
  });

  const doubles: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div: (a, b) => a / b,
    min: Math.min,
    max: Math.max,
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    lt: (a, b) => a < b,
    gt: (a, b) => a > b,
    le: (a, b) => a <= b,
    ge: (a, b) => a >= b,
  };
  it.each(Object.entries(doubles))('f64.%s', (name, want) => {
    const { gives } = opcode(`f64.${name}`);
    const run = callable(
      functionOf({ a: 'f64', b: 'f64' }, gives, ({ a, b }) => [
        op(`f64.${name}`, get(a!), get(b!)),
      ]),
    );
    const double = fc.oneof(fc.constantFrom(0, -0, Number.NaN, 1.5), fc.double());
    fc.assert(
      fc.property(double, double, (a, b) => {
        const wanted = want(a, b);
        expect(run(a, b)).toBe(typeof wanted === 'boolean' ? Number(wanted) : wanted);
      }),
    );
  });

  const unary: readonly (readonly [string, ValueKind, number | bigint, number | bigint])[] = [
    ['i64.trunc_sat_f64_s', 'f64', Number.NaN, 0n],
    ['i64.trunc_sat_f64_s', 'f64', -1.9, -1n],
    ['i64.trunc_sat_f64_s', 'f64', 1e300, 2n ** 63n - 1n],
    ['i64.trunc_sat_f64_s', 'f64', Number.NEGATIVE_INFINITY, -(2n ** 63n)],
    ['i64.reinterpret_f64', 'f64', -0, -(2n ** 63n)],
    ['f64.reinterpret_i64', 'i64', 2n ** 62n, 2],
    ['f64.convert_i64_s', 'i64', 2n ** 53n + 1n, 2 ** 53],
    ['f64.neg', 'f64', 0, -0],
    ['f64.abs', 'f64', -2.5, 2.5],
    ['f64.floor', 'f64', -2.5, -3],
    ['f64.ceil', 'f64', -2.5, -2],
    ['i64.ctz', 'i64', 8n, 3n],
    ['i64.clz', 'i64', 8n, 60n],
    ['i64.popcnt', 'i64', -1n, 64n],
    ['i64.eqz', 'i64', 2n ** 32n, 0],
    ['i32.wrap_i64', 'i64', 2n ** 32n + 5n, 5],
    ['i64.extend_i32_u', 'i32', -1, 2n ** 32n - 1n],
    ['i64.extend_i32_s', 'i32', -1, -1n],
    ['i32.ctz', 'i32', 8, 3],
    ['i32.clz', 'i32', 8, 28],
    ['i32.popcnt', 'i32', 7, 3],
    ['i32.eqz', 'i32', 0, 1],
  ];
  it.each(unary)('%s of %s %s is %s', (name, kind, value, want) => {
    const fn = functionOf({ a: kind }, opcode(name).gives, ({ a }) => [op(name, get(a!))]);
    expect(callable(fn)(value)).toBe(want);
  });
});

describe('memory', () => {
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);

  it.each([
    ['i32.load8_u', 0xf1],
    ['i32.load16_u', 0xf2f1],
    ['i32.load', 0xf4f3f2f1 | 0],
    ['i64.load8_u', 0xf1n],
    ['i64.load16_u', 0xf2f1n],
    ['i64.load32_u', 0xf4f3f2f1n],
    ['i64.load', BigInt.asIntN(64, 0xf8f7f6f5f4f3f2f1n)],
  ] as const)('%s reads little-endian bytes at an offset', (name, want) => {
    for (let i = 0; i < 8; i++) bytes[1003 + i] = 0xf1 + i;
    const fn = functionOf({ at: 'i32' }, opcode(name).gives, ({ at }) => [
      load(name, get(at!), 1000),
    ]);
    expect(callable(fn)(3)).toBe(want);
  });

  it.each([
    ['i32.store8', 1],
    ['i32.store16', 2],
    ['i32.store', 4],
    ['i64.store', 8],
    ['f64.store', 8],
  ] as const)('%s writes so many bytes', (name, count) => {
    bytes.fill(0, 0, 64);
    const value = name.startsWith('i32') ? i32(-1) : name.startsWith('i64') ? i64(-1n) : f64(-1.5);
    callable(functionOf({ at: 'i32' }, 'void', ({ at }) => [store(name, get(at!), value, 16)]))(8);
    expect(accessBytes(name)).toBe(count);
    expect([...bytes.subarray(0, 24)].every((byte) => byte === 0)).toBe(true);
    expect([...bytes.subarray(24 + count, 64)].every((byte) => byte === 0)).toBe(true);
    expect(name === 'f64.store' ? view.getFloat64(24, true) : bytes[24 + count - 1]).toBe(
      name === 'f64.store' ? -1.5 : 0xff,
    );
  });

  it('is filled', () => {
    bytes.fill(1, 0, 64);
    const fill = functionOf({ from: 'i32', count: 'i32' }, 'void', ({ from, count }) => [
      op('memory.fill', get(from!), i32(7), get(count!)),
    ]);
    callable(fill)(8, 3);
    expect([...bytes.subarray(7, 12)]).toEqual([1, 7, 7, 7, 1]);
  });
});

describe('lanes', () => {
  const bytes = new Uint8Array(memory.buffer);
  /** The bits of 16 entries of some width that lie within [low, high], as kernels ask for them. */
  const within = (width: 1 | 2 | 4) =>
    functionOf({ at: 'i32', low: 'i32', span: 'i32' }, 'i32', ({ at, low, span }) => {
      const lanes = ({ 1: 'i8x16', 2: 'i16x8', 4: 'i32x4' } as const)[width];
      const part = (offset: number): Code =>
        op(
          `${lanes}.le_u`,
          op(`${lanes}.sub`, load('v128.load', get(at!), offset), op(`${lanes}.splat`, get(low!))),
          op(`${lanes}.splat`, get(span!)),
        );
      const half = (offset: number): Code =>
        op('i16x8.narrow_i32x4_s', part(offset), part(offset + 16));
      const all =
        width === 1
          ? part(0)
          : width === 2
            ? op('i8x16.narrow_i16x8_s', part(0), part(16))
            : op('i8x16.narrow_i16x8_s', half(0), half(32));
      return [op('i8x16.bitmask', all)];
    });

  it.each([1, 2, 4] as const)('of %d bytes are tested for a range', (width) => {
    const run = callable(within(width));
    const most = 2 ** (8 * width) - 1;
    const entry = fc.oneof(fc.nat(most), fc.constantFrom(0, 1, most, most - 1, most >>> 1));
    const entries = fc.array(entry, { minLength: 16, maxLength: 16 });
    const Entries = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width];
    fc.assert(
      fc.property(entries, entry, entry, (list, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        bytes.set(new Uint8Array(Entries.from(list).buffer), 256);
        const bits = list.map((each) => Number(each >= low && each <= high)).reverse();
        expect(run(256, low | 0, (high - low) | 0)).toBe(Number.parseInt(bits.join(''), 2));
      }),
    );
  });
});

describe('shorthands', () => {
  it('add constants now, and shift by nothing not at all', () => {
    const x = get(new FunctionBuilder('f', 0, 'void').local('x', 'i32'));
    expect(add(i32(3), i32(4))).toEqual(i32(7));
    expect(add(x, i32(0))).toBe(x);
    expect(add(i32(0), x)).toBe(x);
    expect(shl(x, 0)).toBe(x);
  });
});

describe('text', () => {
  it('shows a function folded', () => {
    const fn = functionOf({ at: 'i32', n: 'i32' }, 'i64', ({ at, n }, builder) => {
      const sum = builder.local('sum', 'i64');
      return [
        block('done', (done) => [
          loop('next', (next) => [
            brIf(done, op('i32.eqz', get(n!))),
            set(sum, op('i64.add', get(sum), load('i64.load', get(at!), 16))),
            when(op('i64.eqz', get(sum)), [ret(i64(-1n))], [set(at!, add(get(at!), i32(8)))]),
            set(n!, op('i32.sub', get(n!), i32(1))),
            br(next),
          ]),
        ]),
        select(
          get(sum),
          choose(get(n!), get(sum), i64(0n)),
          op('i64.ne', tee(sum, get(sum)), i64(7n)),
        ),
      ];
    });
    expect(printFunction(fn)).toMatchInlineSnapshot(`
      "(func $f (param $at i32) (param $n i32) (result i64)
        (local $sum i64)
        (block $done
          (loop $next
            (br_if $done (i32.eqz (local.get $n)))
            (local.set $sum (i64.add (local.get $sum) (i64.load offset=16 (local.get $at))))
            (if
              (i64.eqz (local.get $sum))
              (then (return (i64.const -1)))
              (else (local.set $at (i32.add (local.get $at) (i32.const 8)))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $next)))
        (select
          (local.get $sum)
          (if (result i64) (local.get $n) (then (local.get $sum)) (else (i64.const 0)))
          (i64.ne (local.tee $sum (local.get $sum)) (i64.const 7))))
      "
    `);
  });
});
