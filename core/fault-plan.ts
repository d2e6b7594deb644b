import { UnavailableError } from './errors.js';

/** One call on a virtual disk. Calls that take several steps count each. */
export interface DiskOperation {
  /** Counts from 0 over the life of the disk. */
  readonly index: number;
  readonly kind: DiskOperationKind;
  readonly path: string;
}

export type DiskOperationKind =
  | 'openRead'
  | 'create'
  | 'openAppend'
  | 'read'
  | 'write'
  | 'sync'
  | 'stat'
  | 'list'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'realPath';

/** What goes wrong with a call: it throws `error`, a write after storing its first `writtenBytes`. */
export interface DiskFault {
  readonly error: Error;
  readonly writtenBytes?: number;
}

/** Asked before every call; null lets it happen. May also look on, or take a crash state, at any call. */
export type FaultPlan = (operation: DiskOperation) => DiskFault | null;

/** Thrown by every call once the power is gone. No error of ours, so that nobody handles it. */
export class PowerCutError extends Error {
  constructor() {
    super('the virtual disk has no power');
    this.name = 'PowerCutError';
  }
}

/** Call `index` fails, those before and after it do not. */
export function failOperation(
  index: number,
  error: Error = new UnavailableError(`injected fault at disk operation ${index}`),
): FaultPlan {
  return (operation) => (operation.index === index ? { error } : null);
}

/** Call `index` and all after it fail and change nothing; then `VirtualDisk.crash` gives what is found. */
export function cutPowerAt(index: number): FaultPlan {
  return (operation) => (operation.index >= index ? { error: new PowerCutError() } : null);
}
