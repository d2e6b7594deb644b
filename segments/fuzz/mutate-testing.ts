import type { SeededRandom } from '../../core/index.js';
import type { Loose } from './anatomy-testing.js';

export const below = (random: SeededRandom, count: number): number => random.nextUint32() % count;

export const pick = <T>(random: SeededRandom, items: readonly T[]): T =>
  items[below(random, items.length)]!;

/** Numbers that readers may trip over. */
const NUMBERS = [
  0,
  1,
  2,
  3,
  7,
  8,
  255,
  256,
  257,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e300,
].flatMap((number) => [number, number - 1, -number]);

const TEXTS = [
  ...['', '0', '-1', '9223372036854775807', '9223372036854775808', 'NaN', '1e400', 'x'],
  ...['constructor', '__proto__', 'toString', '\0json\0$.b', '\0json\0$[', '\0json\0no path'],
  ...['STRING', 'LONG', 'DOUBLE', 'FLOAT', 'ARRAY<LONG>', 'COMPLEX<json>', 'COMPLEX<no such>'],
  ...['time', 'path', 'metric', 'arrival', 'all', 'some', 'none', 'codes', 'longs', 'doubles'],
  ...['u8', 'u32', 'i64', 'f64', 'texts', 'nulls', 'ids', 'values', 'dictionary.offsets'],
];

const OTHERS: readonly Loose[] = [null, true, false, 0.5, [], {}, 2n ** 63n - 1n, -(2n ** 62n)];

/** A place in JSON: the object or list that has it, and under which key. */
interface Place {
  readonly holder: Record<string, Loose>;
  readonly key: string;
}

function placesIn(value: Loose, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  const holder = value as Record<string, Loose>;
  for (const key of Object.keys(holder)) {
    places.push({ holder, key });
    placesIn(holder[key]!, places);
  }
  return places;
}

/** For tests: changes one place, or two alike: another value, none, or one that stands elsewhere. */
export function mutateJson(json: Loose, random: SeededRandom): void {
  const places = placesIn(json);
  const { holder, key } = pick(random, places);
  const old = holder[key]!;
  switch (below(random, 8)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(structuredClone(old));
      else holder[pick(random, TEXTS)] = old;
      break;
    case 2: {
      const other = pick(random, places);
      [holder[key], other.holder[other.key]] = structuredClone([other.holder[other.key]!, old]);
      break;
    }
    case 3:
      holder[key] = pick(random, OTHERS);
      break;
    default:
      holder[key] = nearValue(old, random);
  }
}

/** Of the same kind, so that it is not refused at once. */
function nearValue(old: Loose, random: SeededRandom): Loose {
  if (typeof old === 'boolean') return !old;
  if (typeof old === 'string') return pick(random, TEXTS);
  if (typeof old !== 'number') return pick(random, [...NUMBERS, ...TEXTS]);
  const near = [old + 1, old - 1, 2 * old, old + 64, Math.floor(old / 2)];
  return pick(random, below(random, 2) === 0 ? near : NUMBERS);
}

/** For tests: some other bytes, as bytes or as whole words, fewer of them or more. */
export function mutateBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const kind = below(random, 10);
  if (kind === 0) return bytes.slice(0, below(random, bytes.length + 1));
  if (kind === 1) return Buffer.concat([bytes, randomBytes(1 + below(random, 70), random)]);
  if (kind === 2) return randomBytes(bytes.length, random);
  const changed = bytes.slice();
  if (bytes.length === 0) return changed;
  const view = new DataView(changed.buffer);
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, bytes.length);
    const word = 4 * (at >>> 2);
    if (kind < 6 || word + 4 > bytes.length) changed[at] = pick(random, [0, 1, 127, 128, 255, at]);
    else view.setUint32(word, pick(random, NUMBERS), true);
  }
  return changed;
}

function randomBytes(length: number, random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length }, () => random.nextUint32());
}
