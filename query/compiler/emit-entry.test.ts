import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toLong } from '../../core/index.js';
import {
  couponOf,
  DATA_SKETCHES_SEED,
  entryOfDouble,
  entryOfLong,
  hashLong,
} from '../../sketches/index.js';
import { entryOfNumber } from './emit-entry.js';
import { KernelBuilder } from './kernel-builder.js';
import type { Num } from './numbers.js';
import { couponKind, HYPER_LOG_LOG, type SketchKind } from './sketch-kinds.js';
import { get, i32, load } from './wasm/code.js';
import { encodeModule } from './wasm/module.js';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const view = new DataView(memory.buffer);
const AT = 1024;

/** The entry of the number at AT. */
function entryFunction(type: Num['type'], kind: SketchKind = HYPER_LOG_LOG): () => number {
  const kernel = new KernelBuilder();
  const entry = kernel.local('entry', 'i32');
  const name = type === 'LONG' ? 'i64.load' : 'f64.load';
  const num: Num = { type, value: () => load(name, i32(AT)), valid: null };
  kernel.fn.body = [...entryOfNumber(kernel, num, kind, entry), get(entry)];
  const module = new WebAssembly.Module(encodeModule(kernel.fn));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const scan = exports.scan as (...args: number[]) => number;
  return () => scan(0, 0, 0) >>> 0;
}

it('gives the entries of longs', () => {
  const entry = entryFunction('LONG');
  const long = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer().map(BigInt),
    fc.maxSafeInteger().map(BigInt),
  );
  fc.assert(
    fc.property(long, (value) => {
      view.setBigInt64(AT, value, true);
      expect(entry()).toBe(entryOfLong(toLong(value)));
    }),
  );
});

it('gives the entries of doubles, one of zero and one of whatever is no number', () => {
  const entry = entryFunction('DOUBLE');
  fc.assert(
    fc.property(fc.double(), (value) => {
      view.setFloat64(AT, value, true);
      expect(entry()).toBe(entryOfDouble(value));
    }),
  );
  for (const bits of [0x7ff8000000000001n, 0xfff8000000000000n, 0x7ff0000000000001n]) {
    view.setBigUint64(AT, bits, true);
    expect(entry()).toBe(entryOfDouble(Number.NaN));
  }
  view.setFloat64(AT, -0, true);
  expect(entry()).toBe(entryOfDouble(0));
});

it('gives the coupons of longs', () => {
  const coupon = entryFunction('LONG', couponKind(12, 'HLL_4')!);
  const hash = new Uint32Array(4);
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      view.setBigInt64(AT, value, true);
      hashLong(toLong(value), DATA_SKETCHES_SEED, hash);
      expect(coupon()).toBe(couponOf(hash));
    }),
  );
});
