import type { KeptCopy } from './log-copies.js';
import type { CopyStart, LogGroup } from './types.js';

/** The `workerData` of the thread that keeps copies. */
export interface CopiesSettings {
  readonly directory: string;
}

/** Whose copy, and who writes it. */
export interface CopySession {
  readonly log: string;
  readonly session: string;
}

/** What the thread answers. */
export type CopiesMethods = {
  list(nothing: null): KeptCopy[];
  begin(copy: CopySession & { readonly start: CopyStart }): void;
  append(copy: CopySession & { readonly group: LogGroup }): void;
  trim(copy: CopySession & { readonly before: number }): void;
  close(log: string): void;
  remove(log: string): void;
  end(nothing: null): void;
};
