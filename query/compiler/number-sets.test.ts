import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Long, toLong } from '../../core/index.js';
import { KernelBuilder } from './kernel-builder.js';
import { memberCode } from './number-sets.js';
import type { Num } from './numbers.js';
import { Parameters } from './parameters.js';
import { Scratch } from './scratch.js';
import { i32, load } from './wasm/code.js';
import { encodeModule } from './wasm/module.js';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const view = new DataView(memory.buffer);

/** Whether the number at 0 is among the points. */
function memberFunction(type: Num['type'], points: readonly Long[]): () => boolean {
  const kernel = new KernelBuilder();
  const name = type === 'LONG' ? 'i64.load' : 'f64.load';
  const num: Num = { type, value: () => load(name, i32(0)), valid: null };
  const test = memberCode(kernel, num, points);
  kernel.fn.body = [...kernel.prologue, test];
  const module = new WebAssembly.Module(encodeModule(kernel.fn));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const scan = exports.scan as (...args: number[]) => number;
  const { address } = new Parameters(new Scratch(memory, 1024, 60_000), kernel);
  return () => scan(address, 0, 0) === 1;
}

const long = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

it('finds longs', () => {
  fc.assert(
    fc.property(fc.array(long, { minLength: 1, maxLength: 80 }), long, (points, other) => {
      const isMember = memberFunction('LONG', points.map(toLong));
      for (const value of [...points, other, other + 1n].map((each) => BigInt.asIntN(64, each))) {
        view.setBigInt64(0, value, true);
        expect(isMember()).toBe(points.includes(value));
      }
    }),
  );
});

it('finds doubles: both zeros are one, and whatever is no number', () => {
  const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 1.5, -1.5));
  fc.assert(
    fc.property(fc.array(double, { minLength: 1, maxLength: 80 }), double, (points, other) => {
      const isMember = memberFunction('DOUBLE', points);
      for (const value of [...points, other, -other]) {
        view.setFloat64(0, value, true);
        expect(isMember()).toBe(points.includes(value));
      }
    }),
  );
});
