/**
 * Chance as SQL text: every value is a hash of the row's number and a salt, so that the same seed
 * gives the same rows on any machine, in any order, with any number of threads.
 *
 * The hash is two rounds of Murmur3's finaliser in 32 bits, because DuckDB's integers refuse to
 * overflow and its own hash() may change between versions.
 */
export const MACROS: readonly string[] = [
  'CREATE OR REPLACE MACRO mul32(x, c) AS (x * c::UBIGINT) & 4294967295::UBIGINT',
  'CREATE OR REPLACE MACRO mix1(x) AS mul32(xor(x, x >> 16), 2246822507)',
  'CREATE OR REPLACE MACRO mix2(x) AS mul32(xor(x, x >> 13), 3266489909)',
  'CREATE OR REPLACE MACRO mix3(x) AS xor(x, x >> 16)',
  `CREATE OR REPLACE MACRO mix(x, salt) AS
     mix3(mix2(mix1(((x)::UBIGINT + salt::UBIGINT) & 4294967295::UBIGINT)))`,
];

const MASK = 0xffffffffn;

/** The macro `mix`, here: what the rows hold can be foretold. */
export function mix(x: number, salt: number): number {
  let h = (BigInt(x) + BigInt(salt)) & MASK;
  h = ((h ^ (h >> 16n)) * 2246822507n) & MASK;
  h = ((h ^ (h >> 13n)) * 3266489909n) & MASK;
  return Number(h ^ (h >> 16n));
}

/** A salt per name (FNV-1a, then mixed, so that like names are far apart). */
export function salt(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name) {
    hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  }
  return mix(hash, 0);
}

/** SQL: 32 random bits that follow from `of`. */
export const bits = (name: string, of = 'i'): string => `mix(${of}, ${salt(name)})`;

/** SQL: a whole number below `count`, all alike. */
export const below = (count: number | string, name: string, of = 'i'): string =>
  `(${bits(name, of)} % ${count})::BIGINT`;

/** SQL: a double from 0 to below 1. */
export const unit = (name: string, of = 'i'): string =>
  `(${bits(name, of)} / 4294967296.0::DOUBLE)`;

/**
 * SQL: a rank below `count`, where low ranks come far more often: rank r about 1 / (r + 1) times as
 * often as rank 0, which is Zipf's law.
 */
export const zipf = (count: number | string, name: string): string =>
  `(floor(pow((${count} + 1)::DOUBLE, ${unit(name)}))::BIGINT - 1)`;

/** SQL: true for about `share` of all rows. */
export const chance = (share: number, name: string, of = 'i'): string =>
  `(${bits(name, of)} < ${Math.round(share * 4294967296)})`;

/** SQL: the text at `index`. */
export const oneOf = (texts: readonly string[], index: string): string =>
  `[${texts.map(quoted).join(', ')}][1 + (${index})]`;

/** SQL: one of the texts, all alike. */
export const anyOf = (texts: readonly string[], name: string, of = 'i'): string =>
  oneOf(texts, below(texts.length, name, of));

/** SQL: a long of 62 bits. */
export const wide = (name: string, of = 'i'): string =>
  `(((${bits(`${name}/high`, of)} >> 2) << 32) | ${bits(`${name}/low`, of)})::BIGINT`;

/** The value of `wide`. */
export const wideValue = (name: string, of: number): bigint =>
  (BigInt(mix(of, salt(`${name}/high`)) >>> 2) << 32n) | BigInt(mix(of, salt(`${name}/low`)));

/** SQL: the texts 'true' and 'false', as Druid's tutorial data has them. */
export const trueOrFalse = (condition: string): string =>
  `CASE WHEN ${condition} THEN 'true' ELSE 'false' END`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
