import { CapacityError } from '../../../core/index.js';
import type { PushLimits } from './engine-options.js';
import type { PushTable } from './push-table.js';

/** Throws CapacityError while the table's rate is used up, or live rows take more memory than they may. */
export function checkRoom(
  table: PushTable,
  nowMs: number,
  usedBytes: number,
  { memoryBytes }: PushLimits,
): void {
  const waitMs = table.waitMs(nowMs);
  if (waitMs > 0) {
    throw new CapacityError(
      `table ${table.name} takes no more rows just now: its limits (rowsPerSecond, bytesPerSecond) are used up; ` +
        'send the batch again after the time in Retry-After, or raise the limits of the table',
      waitMs,
    );
  }
  if (usedBytes <= memoryBytes) return;
  throw new CapacityError(
    `live rows take ${usedBytes} bytes, more than the ${memoryBytes} that they may, until some are sealed; ` +
      'send the batch again after the time in Retry-After, or raise push.memoryBytes',
    1000,
  );
}
