import { APPLY_FUNCTIONS } from './apply.js';
import { ARRAY_FUNCTIONS } from './arrays.js';
import { BITWISE_FUNCTIONS } from './bitwise.js';
import { CONDITION_FUNCTIONS } from './conditions.js';
import type { Definition } from './definition.js';
import { EXTREME_FUNCTIONS } from './extremes.js';
import { GENERAL_FUNCTIONS } from './general.js';
import { HYPER_UNIQUE_FUNCTIONS } from './hyper-unique.js';
import { IP_FUNCTIONS } from './ip.js';
import { JSON_FUNCTIONS } from './json.js';
import { MATH_FUNCTIONS } from './math.js';
import { MULTI_VALUE_FUNCTIONS } from './multi-value.js';
import { READABLE_FUNCTIONS } from './readable.js';
import { REGEX_FUNCTIONS } from './regex.js';
import { SKETCH_FUNCTIONS } from './sketches.js';
import { STRING_FUNCTIONS } from './strings.js';
import { TEXT_MATCH_FUNCTIONS } from './text-match.js';
import { TIME_FUNCTIONS } from './time.js';

const GROUPS: readonly (readonly Definition[])[] = [
  GENERAL_FUNCTIONS,
  CONDITION_FUNCTIONS,
  STRING_FUNCTIONS,
  REGEX_FUNCTIONS,
  TEXT_MATCH_FUNCTIONS,
  READABLE_FUNCTIONS,
  TIME_FUNCTIONS,
  MATH_FUNCTIONS,
  BITWISE_FUNCTIONS,
  EXTREME_FUNCTIONS,
  ARRAY_FUNCTIONS,
  MULTI_VALUE_FUNCTIONS,
  APPLY_FUNCTIONS,
  IP_FUNCTIONS,
  JSON_FUNCTIONS,
  SKETCH_FUNCTIONS,
  HYPER_UNIQUE_FUNCTIONS,
];

/** Every function of the expression language, by its name in lower case. */
export const FUNCTIONS: ReadonlyMap<string, Definition> = new Map(
  GROUPS.flat().map((definition) => [definition.name.toLowerCase(), definition]),
);

/** The names that a misspelt one may have meant, nearest first, at most three. */
export function nearMisses(name: string): string[] {
  const wanted = name.toLowerCase().slice(0, 64);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return [...FUNCTIONS.values()]
    .map((definition) => ({
      name: definition.name,
      distance: editDistance(wanted, definition.name.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.name);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(substituted, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
