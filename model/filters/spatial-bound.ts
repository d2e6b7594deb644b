import { z } from 'zod';
import { parseOneOf, readSpec, type SpecFamily, type SpecReader } from '../spec.js';

/** Whether a point lies within it: its coordinates, in the order of those of the bound; more than these do not count. */
export type SpatialBound = (point: readonly number[]) => boolean;

const numbers = (least: number, what: string) =>
  z
    .array(z.number({ error: 'want a number' }), { error: 'want a list of numbers' })
    .min(least, `want ${least} ${what} or more`);

const RectangularSchema = z
  .object({ minCoords: numbers(1, 'coordinates'), maxCoords: numbers(1, 'coordinates') })
  .refine(({ minCoords, maxCoords }) => minCoords.length === maxCoords.length, {
    path: ['maxCoords'],
    error: 'want as many coordinates as minCoords has',
  });

/** Between two corners, which belong to it. */
const readRectangular: SpecReader<SpatialBound> = (json, field) => {
  const { minCoords, maxCoords } = readSpec(RectangularSchema, json, field);
  return (point) => minCoords.every((least, i) => point[i]! >= least && point[i]! <= maxCoords[i]!);
};

/** Metres. */
const UNITS = { meters: 1, kilometers: 1000, miles: 1609.344 } as const;
const UNIT_NAMES = ['euclidean', 'meters', 'kilometers', 'miles'] as const;

const RadiusSchema = z.object({
  coords: numbers(2, 'coordinates'),
  radius: z.number({ error: 'want a number' }).min(0, 'want 0 or more'),
  radiusUnit: z.enum(UNIT_NAMES, { error: `want one of ${UNIT_NAMES.join(', ')}` }).nullish(),
});

/** No farther than so much from a point: in the plane, or, in units of length, on the globe, where points are latitude and longitude. */
const readRadius: SpecReader<SpatialBound> = (json, field) => {
  const { coords, radius, radiusUnit } = readSpec(RadiusSchema, json, field);
  const unit = radiusUnit ?? 'euclidean';
  if (unit === 'euclidean') {
    return (point) => Math.hypot(...coords.map((at, i) => point[i]! - at)) <= radius;
  }
  const radiusM = radius * UNITS[unit];
  const [latitude, longitude] = coords;
  return (point) => distanceM(latitude!, longitude!, point[0]!, point[1]!) <= radiusM;
};

const EARTH_RADIUS_M = 6_371_000;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Along the globe, in metres, by the haversine formula. */
function distanceM(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const across = Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * half(lon2 - lon1);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half(lat2 - lat1) + across)));
}

const PolygonSchema = z
  .object({ abscissa: numbers(3, 'corners'), ordinate: numbers(3, 'corners') })
  .refine(({ abscissa, ordinate }) => abscissa.length === ordinate.length, {
    path: ['ordinate'],
    error: 'want as many numbers as abscissa has',
  });

/** Within a polygon of these corners, or on its edges. Where edges cross, what an even number of them lies around is outside. */
const readPolygon: SpecReader<SpatialBound> = (json, field) => {
  const { abscissa: xs, ordinate: ys } = readSpec(PolygonSchema, json, field);
  return ([x, y]) => isInPolygon(xs, ys, x!, y!);
};

function isInPolygon(xs: readonly number[], ys: readonly number[], x: number, y: number): boolean {
  let isInside = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
    const [x1, y1, x2, y2] = [xs[j]!, ys[j]!, xs[i]!, ys[i]!];
    // Above zero to the left of the edge as it goes up.
    const side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
    const isBeside =
      (x < x1 && x < x2) || (x > x1 && x > x2) || (y < y1 && y < y2) || (y > y1 && y > y2);
    if (side === 0 && !isBeside) return true;
    // Edges that a line to the right crosses; of two that meet at its height one counts.
    if (y1 > y !== y2 > y && side > 0 === y2 > y1) isInside = !isInside;
  }
  return isInside;
}

const FAMILY: SpecFamily<SpatialBound> = {
  role: 'Bound',
  types: new Map([
    ['rectangular', readRectangular],
    ['radius', readRadius],
    ['polygon', readPolygon],
  ]),
};

/** Reads the bound of a spatial filter. Throws a UserError that names the field. */
export function parseSpatialBound(json: unknown, field: string): SpatialBound {
  return parseOneOf(FAMILY, json, field);
}
