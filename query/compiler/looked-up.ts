import type { Columns } from './columns.js';
import { lowerExpression } from './expressions.js';
import { lookupCall, lowerLookup } from './lookups.js';

/** Whether a name is all that is read, and stands for what a lookup has for a key, cast or not, that need not be interpreted. */
export function isLookedUp(columns: Columns, [name, ...others]: readonly string[]): boolean {
  if (name === undefined || others.length > 0) return false;
  const tree = columns.virtual(name)?.expression?.tree;
  const value = tree?.kind === 'call' && tree.name === 'cast' ? tree.args[0] : tree;
  const call = lookupCall(value);
  const lower = (node: Parameters<typeof lookupCall>[0]) =>
    lowerExpression(columns, { tree: node! });
  return call !== null && lowerLookup(columns, call.args, lower) !== null;
}
