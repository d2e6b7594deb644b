import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { type TestColumn, TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { FALSE, type Ternary, TRUE, UNKNOWN } from './filter.js';
import { parseFilter } from './registry.js';

const spatial = (bound: JsonObject): JsonObject => ({ type: 'spatial', dimension: 'x', bound });

function truths(
  bound: JsonObject,
  cells: readonly Value[],
  column: TestColumn = { type: 'STRING', multiValue: true },
): Ternary[] {
  const [plain, coded] = [false, true].map((dictionary) => {
    const rows = new TestRows(
      { x: { ...column, dictionary } },
      cells.map((x) => ({ x })),
    );
    return rows.map(parseFilter(spatial(bound)).predicate(rows));
  });
  expect(coded).toEqual(plain);
  return plain!;
}

type Point = readonly [number, number];

const coordinate = fc.integer({ min: -6, max: 6 });
const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
const points = fc.array(point, { maxLength: 30 });
const textOf = ([x, y]: Point): string => `${x},${y}`;
const truthOf = (holds: boolean): Ternary => (holds ? TRUE : FALSE);

test('rectangles and circles are closed', () => {
  fc.assert(
    fc.property(points, point, point, fc.nat(8), (all, least, most, radius) => {
      const rectangle = { type: 'rectangular', minCoords: least, maxCoords: most };
      expect(truths(rectangle, all.map(textOf))).toEqual(
        all.map(([x, y]) =>
          truthOf(least[0] <= x && x <= most[0] && least[1] <= y && y <= most[1]),
        ),
      );
      const circle = { type: 'radius', coords: least, radius };
      expect(truths(circle, all.map(textOf))).toEqual(
        all.map(([x, y]) => truthOf((x - least[0]) ** 2 + (y - least[1]) ** 2 <= radius ** 2)),
      );
    }),
  );
});

/** Twice the area to the left of the way from a by b to c. */
const turn = (a: Point, b: Point, c: Point): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);

/** By a ray that goes up so slowly that it meets no other corner. */
function isWithin(corners: readonly Point[], at: Point): boolean {
  const far: Point = [at[0] + 100_000, at[1] + 100];
  const edges = corners.map((corner, i) => [corner, corners.at(i - 1)!] as const);
  const isOn = ([a, b]: readonly [Point, Point]) =>
    turn(a, b, at) === 0 &&
    (at[0] - a[0]) * (at[0] - b[0]) <= 0 &&
    (at[1] - a[1]) * (at[1] - b[1]) <= 0;
  if (edges.some(isOn)) return true;
  const crossed = edges.filter(
    ([a, b]) => turn(a, b, at) * turn(a, b, far) < 0 && turn(at, far, a) * turn(at, far, b) < 0,
  );
  return crossed.length % 2 === 1;
}

test('polygons have their edges, and are told by how many of them lie on one side', () => {
  fc.assert(
    fc.property(points, fc.array(point, { minLength: 3, maxLength: 7 }), (all, corners) => {
      const bound = {
        type: 'polygon',
        abscissa: corners.map(([x]) => x),
        ordinate: corners.map(([, y]) => y),
      };
      expect(truths(bound, all.map(textOf))).toEqual(
        all.map((at) => truthOf(isWithin(corners, at))),
      );
    }),
    { numRuns: 500 },
  );
});

test('on the globe: latitude before longitude', () => {
  const [berlin, paris, potsdam] = ['52.52,13.405', '48.8566,2.3522', '52.39,13.06'];
  const around = (radius: number, radiusUnit: string) =>
    truths({ type: 'radius', coords: [52.52, 13.405], radius, radiusUnit }, [
      berlin,
      paris,
      potsdam,
    ]);
  expect(around(30, 'kilometers')).toEqual([TRUE, FALSE, TRUE]);
  expect(around(870, 'kilometers')).toEqual([TRUE, FALSE, TRUE]);
  expect(around(880, 'kilometers')).toEqual([TRUE, TRUE, TRUE]);
  expect(around(880_000, 'meters')).toEqual([TRUE, TRUE, TRUE]);
  expect(around(540, 'miles')).toEqual([TRUE, FALSE, TRUE]);
  expect(around(547, 'miles')).toEqual([TRUE, TRUE, TRUE]);
  expect(around(0, 'euclidean')).toEqual([TRUE, FALSE, FALSE]);
  const acrossTheDateLine = {
    type: 'radius',
    coords: [0, 179.9],
    radius: 30,
    radiusUnit: 'kilometers',
  };
  expect(truths(acrossTheDateLine, ['0,-179.9', '0,179'])).toEqual([TRUE, FALSE]);
});

test('nulls are unknown, what is no point is nowhere, of lists any point will do', () => {
  const bound = { type: 'rectangular', minCoords: [0, 0], maxCoords: [1, 1] };
  const cells = [
    null,
    'a',
    '1',
    '',
    '1,',
    '1,NaN',
    ' 1 , 0.5e0',
    '1,1,99',
    ['5,5', '1,1'],
    ['5,5', null],
  ];
  expect(truths(bound, cells)).toEqual([
    UNKNOWN,
    ...[FALSE, FALSE, FALSE, FALSE, FALSE, TRUE, TRUE, TRUE],
    UNKNOWN,
  ]);
  const cube = { type: 'rectangular', minCoords: [0, 0, 0], maxCoords: [1, 1, 1] };
  expect(truths(cube, ['1,1,1', '1,1,2', '1,1'])).toEqual([TRUE, FALSE, FALSE]);
  const line = { type: 'rectangular', minCoords: [0], maxCoords: [1] };
  expect(truths(line, [1, null], { type: 'LONG' })).toEqual([FALSE, UNKNOWN]);
  const triangle = { type: 'polygon', abscissa: [0, 0, 9], ordinate: [0, 9, 0] };
  expect(truths(triangle, ['1', '1,1'])).toEqual([FALSE, TRUE]);
});

test.each<[JsonObject, string]>([
  [{ type: 'spatial', bound: {} }, 'filter.dimension'],
  [{ type: 'spatial', dimension: 'x' }, 'filter.bound: want an object'],
  [spatial({ type: 'round' }), 'known type ids = [polygon, radius, rectangular]'],
  [spatial({ type: 'rectangular', minCoords: [0], maxCoords: [1, 2] }), 'filter.bound.maxCoords'],
  [spatial({ type: 'rectangular', minCoords: [], maxCoords: [] }), 'filter.bound.minCoords'],
  [
    spatial({ type: 'rectangular', minCoords: ['a'], maxCoords: [1] }),
    'minCoords[0]: want a number',
  ],
  [spatial({ type: 'radius', coords: [1], radius: 1 }), 'want 2 coordinates or more'],
  [spatial({ type: 'radius', coords: [1, 1], radius: -1 }), 'filter.bound.radius: want 0 or more'],
  [
    spatial({ type: 'radius', coords: [1, 1], radius: 1, radiusUnit: 'feet' }),
    'filter.bound.radiusUnit: want one of euclidean, meters, kilometers, miles',
  ],
  [spatial({ type: 'polygon', abscissa: [0, 1], ordinate: [0, 1] }), 'want 3 corners or more'],
  [spatial({ type: 'polygon', abscissa: [0, 1, 2], ordinate: [0, 1, 2, 3] }), 'bound.ordinate'],
])('%j is refused', (filter, message) => {
  expect(() => parseFilter(filter)).toThrow(message);
});
