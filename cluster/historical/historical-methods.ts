import { z } from 'zod';
import { ConflictError, CorruptBytesError } from '../../core/index.js';
import type { NodeMethod } from '../transport/types.js';
import type { HistoricalNode } from './historical-node.js';
import type { OrderState } from './load-orders.js';
import { readSegment } from './segment-wire.js';

/** The names of the methods by which the coordinator leads historicals. */
export const SEGMENT_ORDERS = 'segment-orders';
export const SEGMENT_STATE = 'segment-state';

/** What a historical tells the coordinator of itself. */
export interface ToldState {
  readonly usedBytes: number;
  readonly maxAssignedBytes: number;
  readonly assignedBytes: number;
  /** Ids of what it was told to have, and has; what it has beside them it may give up at any time. */
  readonly assigned: readonly string[];
  readonly orders: readonly OrderState[];
}

const ORDERS = z.object({
  epoch: z.int(),
  orders: z.array(
    z.object({ kind: z.enum(['load', 'drop']), id: z.string(), segment: z.unknown() }),
  ),
});

const ROLES = { servedBy: ['historical'], calledBy: ['coordinator'] } as const;

/** How a historical is led: orders of a leader whose term is over are refused. */
export function historicalMethods(node: HistoricalNode): NodeMethod[] {
  let term = 0;
  return [
    {
      name: SEGMENT_ORDERS,
      ...ROLES,
      async handle({ message }) {
        const read = ORDERS.safeParse(message);
        if (!read.success) throw new CorruptBytesError(0, 'these are no orders');
        const { epoch, orders } = read.data;
        if (epoch < term) {
          throw new ConflictError(`a leader of term ${term} has given orders, not of ${epoch}`);
        }
        term = epoch;
        for (const { kind, id, segment } of orders) {
          if (kind === 'drop') node.drop(id);
          else node.load(readSegment(segment));
        }
        return { message: null };
      },
    },
    {
      name: SEGMENT_STATE,
      ...ROLES,
      async handle() {
        const { usedBytes, maxAssignedBytes, assignedBytes, orders } = node.state;
        const assigned = [...node.segments()].flatMap(({ segment, isAssigned }) =>
          isAssigned ? segment.idText : [],
        );
        const told: ToldState = { usedBytes, maxAssignedBytes, assignedBytes, assigned, orders };
        return { message: told };
      },
    },
  ];
}
