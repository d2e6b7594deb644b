import type { Content } from '../../encodings/content.js';
import { bits } from './bits.js';
import { decimals } from './decimals.js';
import { deltas, deltasOfDeltas, planes } from './differences.js';
import { plain } from './plain.js';
import { prefixes } from './prefixes.js';
import type { Transform } from './transform.js';

/** By number in files: only more may come behind them. */
export const TRANSFORMS: readonly Transform[] = [
  plain,
  planes,
  deltas,
  deltasOfDeltas,
  bits,
  decimals,
  prefixes,
];

/** Those that are worth a try. */
export const transformsFor = (content: Content): Transform[] =>
  TRANSFORMS.filter((transform) => transform.suits(content));
