import type { PlacedSegment } from '../metadata/stored-segment.js';
import { decide, type Rule } from './rule.js';

/** The segments that the rules drop now, by id. Pure. */
export const expired = (
  segments: readonly Pick<PlacedSegment, 'id' | 'idText'>[],
  rules: readonly Rule[],
  nowMs: number,
): string[] =>
  segments
    .filter(({ id }) => decide(rules, id.interval, nowMs) === 'drop')
    .map(({ idText }) => idText);
