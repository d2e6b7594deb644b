import { DEFAULT_RULES } from '../retention/retention-rules.js';
import { type Replicas, type Rule, ruleFor } from '../retention/rule.js';
import type { KnownSegment } from './cluster-state.js';

/** What the rules say of a segment: where it is loaded, that it goes, or nothing. */
export type Wish =
  | { readonly kind: 'load'; readonly replicas: Replicas }
  | { readonly kind: 'drop' }
  | { readonly kind: 'none' };

const DROP: Wish = { kind: 'drop' };
const NONE: Wish = { kind: 'none' };

/** What the first rule says that applies: the table's own come first, then the default ones. Pure. */
export function wishFor(
  { id }: Pick<KnownSegment, 'id'>,
  rules: ReadonlyMap<string, readonly Rule[]>,
  nowMs: number,
): Wish {
  const rule =
    ruleFor(rules.get(id.dataSource) ?? [], id.interval, nowMs) ??
    ruleFor(rules.get(DEFAULT_RULES) ?? [], id.interval, nowMs);
  if (rule === undefined) return NONE;
  return rule.action === 'drop' ? DROP : { kind: 'load', replicas: rule.replicas };
}

/** Replicas by tier, where `everywhere` is one for each server that there is. */
export const replicasByTier = (
  replicas: Replicas,
  serversByTier: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> => (replicas === 'everywhere' ? serversByTier : replicas);
