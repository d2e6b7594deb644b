/** One micro-benchmark. */
export interface Micro {
  /** What is done, and to what: `sum: LONG, 2 bytes`. */
  readonly name: string;
  /** What `run` does so many of. Bytes are told in GB/s, everything else in ns. */
  readonly unit: 'row' | 'group' | 'text' | 'time' | 'byte';
  readonly units: number;
  /** Throws when `run` does not do what its name says. */
  check(): void;
  run(): void;
}

export function expectEqual(name: string, got: unknown, want: unknown): void {
  if (!Object.is(got, want)) throw new Error(`${name}: got ${got}, want ${want}; not timed`);
}

export function expectClose(name: string, got: number, want: number, relative: number): void {
  if (Math.abs(got / want - 1) > relative) {
    throw new Error(`${name}: got ${got}, want about ${want}; not timed`);
  }
}
