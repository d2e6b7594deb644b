import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hllImage, readHllImage } from './hll/hll-image.js';
import { couponLimit, HllSketch, type HllType } from './hll/hll-sketch.js';
import { KllSketch } from './kll/kll-sketch.js';
import { quantilesImage, readQuantilesImage } from './quantiles/quantiles-image.js';
import { QuantilesView } from './quantiles/quantiles-query.js';
import { QuantilesSketch } from './quantiles/quantiles-sketch.js';
import { readThetaImage, thetaImage } from './theta/theta-image.js';
import { thetaDifference, thetaIntersection, thetaUnion } from './theta/theta-set.js';
import { ThetaSketch } from './theta/theta-sketch.js';
import { tupleDifference, tupleIntersection, tupleUnion } from './tuple/tuple-set.js';
import { TupleSketch } from './tuple/tuple-sketch.js';
import { hashText } from './value-hash.js';

/**
 * The sketches beside Apache DataSketches itself, where a Python with the package `datasketches` is:
 * `VARVE_DATASKETCHES_PYTHON=/path/to/python npx vitest run sketches/datasketches.test.ts`.
 */
const PYTHON = process.env.VARVE_DATASKETCHES_PYTHON ?? 'python3';
const isThere = spawnSync(PYTHON, ['-c', 'import datasketches']).status === 0;

/** Runs statements that end by printing JSON; `b` is base64, `image(name)` a sketch that came along. */
function ask<T>(statements: string, images: Readonly<Record<string, Uint8Array>> = {}): T {
  const script = [
    'import json, base64, sys, datasketches as ds',
    'b = lambda x: base64.b64encode(bytes(x)).decode()',
    'given = json.load(sys.stdin)',
    'image = lambda name: base64.b64decode(given[name])',
    statements,
  ].join('\n');
  const input = JSON.stringify(
    Object.fromEntries(
      Object.entries(images).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    ),
  );
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-c', script], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

const HASH = new Uint32Array(4);

function fill<S extends { add(hash: Uint32Array): void }>(sketch: S, from: number, to: number): S {
  for (let i = from; i < to; i++) {
    hashText(`v${i}`, 9001, HASH);
    sketch.add(HASH);
  }
  return sketch;
}

const bytesOf = (base64: string) => Buffer.from(base64, 'base64');

test.skipIf(!isThere)('theta sketches and their set operations', () => {
  const theirs = ask<Record<string, [string, number]>>(`
def fill(a, z):
  s = ds.update_theta_sketch(9)
  for i in range(a, z): s.update("v%d" % i)
  s.trim()
  return s
a, c = fill(0, 5000), fill(3000, 9000)
u = ds.theta_union(9); u.update(a); u.update(c)
i = ds.theta_intersection(); i.update(a); i.update(c)
n = ds.theta_a_not_b().compute(a, c)
print(json.dumps({k: [b(s.compact().serialize() if k == 'a' else s.serialize()), s.get_estimate()] for k, s in
  dict(a=a, union=u.get_result(), intersection=i.get_result(), difference=n).items()}))`);
  const [a, c] = [fill(new ThetaSketch(9), 0, 5000), fill(new ThetaSketch(9), 3000, 9000)];
  const ours: Record<string, ThetaSketch> = {
    a,
    union: thetaUnion(9, [a, c]),
    intersection: thetaIntersection([a, c]),
    difference: thetaDifference([a, c]),
  };
  for (const [name, [image, estimate]] of Object.entries(theirs)) {
    expect(thetaImage(readThetaImage(bytesOf(image))), name).toEqual(thetaImage(ours[name]!));
    // C++ divides where Java multiplies by the quotient.
    expect(Math.abs(ours[name]!.estimate() / estimate - 1), name).toBeLessThan(1e-15);
  }
});

test.skipIf(!isThere)('theta images are read there', () => {
  const ours = [0, 1, 40, 3000].map((count) => fill(new ThetaSketch(6), 0, count));
  const images = Object.fromEntries(ours.map((sketch, i) => [`s${i}`, thetaImage(sketch)]));
  const estimates = ask<number[]>(
    'print(json.dumps([ds.compact_theta_sketch.deserialize(image("s%d" % i)).get_estimate() for i in range(4)]))',
    images,
  );
  for (const [i, sketch] of ours.entries()) expect(sketch.estimate()).toBeCloseTo(estimates[i]!, 9);
});

const HLL_CASES = (['HLL_4', 'HLL_6', 'HLL_8'] as const).flatMap((type) =>
  [
    [4, 3],
    [8, 24],
    [12, 384],
    [12, 385],
    [6, 5000],
    [10, 3000],
    [12, 30_000],
  ].map(([lgK, n]) => ({ type, lgK: lgK!, n: n! })),
);

test.skipIf(!isThere)('HLL sketches: images, estimates in order and of unions', () => {
  const theirs = ask<[image: string, inOrder: number, union: number][]>(`
out = []
for t, lg, n in ${JSON.stringify(HLL_CASES.map(({ type, lgK, n }) => [type, lgK, n]))}:
  s = ds.hll_sketch(lg, getattr(ds, t)); r = ds.hll_sketch(lg)
  for i in range(n): s.update("v%d" % i)
  for i in range(n // 2, n + n // 2): r.update("v%d" % i)
  u = ds.hll_union(lg); u.update(s); u.update(r)
  out.append([b(s.serialize_compact()), s.get_estimate(), u.get_estimate()])
print(json.dumps(out))`);
  for (const [i, { type, lgK, n }] of HLL_CASES.entries()) {
    const [image, inOrder, union] = theirs[i]!;
    const sketch = fill(new HllSketch(lgK, type as HllType, true), 0, n);
    const name = `${type} ${lgK} ${n}`;
    const read = readHllImage(bytesOf(image));
    expect(sketch.estimate(), name).toBe(inOrder);
    expect(read.estimate(), name).toBe(inOrder);
    expect([...read.contents().ranks], name).toEqual([...sketch.contents().ranks]);
    const merged = new HllSketch(lgK);
    merged.merge(read);
    merged.merge(fill(new HllSketch(lgK, type, true), n >> 1, n + (n >> 1)));
    // Their table of biases comes from simulation, ours is computed. They go on in order of arrival where only coupons are merged.
    const areCoupons = n <= couponLimit(lgK);
    const tolerance = areCoupons ? 1 / Math.sqrt(2 ** lgK) : lgK < 8 ? 0.005 : 1e-4;
    expect(Math.abs(merged.estimate() / union - 1), name).toBeLessThan(tolerance);
  }
});

test.skipIf(!isThere)('HLL images are read there', () => {
  const ours = HLL_CASES.map(({ type, lgK, n }) => fill(new HllSketch(lgK, type), 0, n));
  const images = Object.fromEntries(ours.map((sketch, i) => [`s${i}`, hllImage(sketch)]));
  const estimates = ask<number[]>(
    `print(json.dumps([ds.hll_sketch.deserialize(image("s%d" % i)).get_estimate() for i in range(${ours.length})]))`,
    images,
  );
  for (const [i, sketch] of ours.entries()) {
    const tolerance = sketch.lgK < 8 ? 0.005 : 1e-4;
    expect(Math.abs(sketch.estimate() / estimates[i]! - 1)).toBeLessThan(tolerance);
  }
});

test.skipIf(!isThere)('quantiles sketches', () => {
  const counts = [1, 255, 256, 257, 10_000];
  const theirs = ask<[image: string, quantiles: number[], ranks: number[]][]>(`
out = []
for n in ${JSON.stringify(counts)}:
  s = ds.quantiles_doubles_sketch(128)
  for i in range(n): s.update(float((i * 7919) % n))
  out.append([b(s.serialize()), [s.get_quantile(q / 20, False) for q in range(1, 20)], [s.get_rank(n * q / 20, False) for q in range(1, 20)]])
print(json.dumps(out))`);
  for (const [image, quantiles, ranks] of theirs) {
    const read = readQuantilesImage(bytesOf(image));
    const view = new QuantilesView(read);
    const steps = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
    expect(steps.map((step) => view.quantile(step))).toEqual(quantiles);
    for (const [i, step] of steps.entries()) {
      expect(view.rank(read.n * step)).toBeCloseTo(ranks[i]!, 12);
    }
  }
  const ours = counts.map((n) => {
    const sketch = new QuantilesSketch(128);
    for (let i = 0; i < n; i++) sketch.add((i * 7919) % n);
    return sketch;
  });
  const images = Object.fromEntries(ours.map((sketch, i) => [`s${i}`, quantilesImage(sketch)]));
  const read = ask<number[][]>(
    `
read = [ds.quantiles_doubles_sketch.deserialize(image("s%d" % i)) for i in range(${counts.length})]
print(json.dumps([[s.n, s.get_quantile(0.3, False)] for s in read]))`,
    images,
  );
  for (const [i, sketch] of ours.entries()) {
    expect(read[i]).toEqual([sketch.n, new QuantilesView(sketch).quantile(0.3)]);
  }
});

const STEPS = Array.from({ length: 21 }, (_, i) => i / 20);

test.skipIf(!isThere).each(['doubles', 'floats'] as const)('KLL sketches of %s', (of) => {
  const cases = [8, 200].flatMap((k) => [0, 1, 7, 200, 5000].map((n) => [k, n] as const));
  // Numbers that floats hold exactly.
  const numberOf = (i: number, n: number) => ((i * 7919) % n) - 0.5;
  /** What they say of a sketch `s` of n numbers: image, inclusive and exclusive quantiles and ranks, bounds. */
  const told = `
def told(s, n):
  if n == 0: return [b(s.serialize()), [], [], [], [], []]
  steps = [i / 20 for i in range(21)]
  return [b(s.serialize())] + [[s.get_quantile(q, w) for q in steps] for w in (True, False)] + [
    [s.get_rank(n * q, w) for q in steps] for w in (True, False)] + [[s.n, s.get_min_value(), s.get_max_value()]]`;
  type Told = [string, number[], number[], number[], number[], number[]];
  const toldByUs = (s: KllSketch): unknown[] => {
    if (s.n === 0) return [[], [], [], [], []];
    const view = s.weighted();
    return [
      ...[true, false].map((each) => STEPS.map((step) => view.quantile(step, each))),
      ...[true, false].map((each) => STEPS.map((step) => view.rank(s.n * step, each))),
      [s.n, s.min, s.max],
    ];
  };
  const theirs = ask<Told[]>(`${told}
out = []
for k, n in ${JSON.stringify(cases)}:
  s = ds.kll_${of}_sketch(k)
  for i in range(n): s.update((i * 7919) % n - 0.5)
  out.append(told(s, n))
print(json.dumps(out))`);
  for (const [i, [image, ...answers]] of theirs.entries()) {
    const read = KllSketch.fromBytes(bytesOf(image), null, of);
    expect(toldByUs(read), `${cases[i]}`).toEqual(answers);
    expect(Buffer.from(read.toBytes()).toString('base64'), `${cases[i]}`).toBe(image);
  }
  const ours = cases.map(([k, n]) => {
    const sketch = new KllSketch(null, k, of);
    for (let i = 0; i < n; i++) sketch.add(numberOf(i, n));
    return sketch;
  });
  const images = Object.fromEntries(ours.map((sketch, i) => [`s${i}`, sketch.toBytes()]));
  const read = ask<Told[]>(
    `${told}
read = [ds.kll_${of}_sketch.deserialize(image("s%d" % i)) for i in range(${cases.length})]
print(json.dumps([told(s, s.n) for s in read]))`,
    images,
  );
  for (const [i, sketch] of ours.entries()) {
    const [image, ...answers] = read[i]!;
    expect(toldByUs(sketch), `${cases[i]}`).toEqual(answers);
    expect(image, `${cases[i]}`).toBe(Buffer.from(sketch.toBytes()).toString('base64'));
  }
});

// Python has tuple sketches of any value, but not the images of those of doubles: the same keys, sums and theta are kept.
test.skipIf(!isThere)('tuple sketches and their set operations', () => {
  const theirs = ask<Record<string, [theta: string, estimate: number, [string, number][]]>>(`
sums = ds.AccumulatorPolicy
def fill(a, z):
  s = ds.update_tuple_sketch(sums(), 9)
  for round in range(2):
    for i in range(a, z): s.update("v%d" % i, float(i))
  s.trim()
  return s.compact()
a, c, few = fill(0, 5000), fill(3000, 9000), fill(0, 300)
u = ds.tuple_union(sums(), 9); u.update(a); u.update(c)
i = ds.tuple_intersection(sums()); i.update(a); i.update(c)
n = ds.tuple_a_not_b().compute(a, c)
print(json.dumps({k: [str(s.theta64), s.get_estimate(), sorted([str(h), v] for h, v in s)] for k, s in
  dict(a=a, few=few, union=u.get_result(), intersection=i.get_result(), difference=n).items()}))`);
  const filled = (from: number, to: number): TupleSketch => {
    const sketch = new TupleSketch(9, 1);
    for (let i = 2 * from; i < 2 * to; i++) {
      const key = from + ((i - 2 * from) % (to - from));
      hashText(`v${key}`, 9001, HASH);
      sketch.add(HASH, Float64Array.of(key));
    }
    return sketch;
  };
  const [a, c] = [filled(0, 5000), filled(3000, 9000)];
  const ours: Record<string, TupleSketch> = {
    a,
    few: filled(0, 300),
    union: tupleUnion(9, 1, [a, c]),
    intersection: tupleIntersection([a, c]),
    difference: tupleDifference([a, c]),
  };
  for (const [name, [theta, estimate, entries]] of Object.entries(theirs)) {
    const sketch = ours[name]!;
    const { hashes, values } = sketch.entries();
    const kept = Array.from(hashes, (hash, i) => [String(hash), values[i]]);
    expect(new Map(kept as [string, number][]), name).toEqual(new Map(entries));
    expect(String(sketch.theta), name).toBe(theta);
    expect(Math.abs(sketch.estimate() / estimate - 1), name).toBeLessThan(1e-15);
  }
});
