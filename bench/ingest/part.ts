/** One part of the ingestion benchmark: a file of its own, and a line in `main.ts`. */
export interface Part {
  readonly name: string;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartOptions {
  readonly rows: number;
  readonly rounds: number;
  /** Whether something of this name is asked for. */
  only(name: string): boolean;
  /** Files that are kept from run to run, and scratch directories; exists. */
  readonly dataDirectory: string;
  /** Progress, on stderr. */
  say(text: string): void;
}

export interface PartResult {
  /** Markdown. */
  readonly text: string;
  /** Plain data, for `bench/results/ingest.json`. */
  readonly json: unknown;
}
