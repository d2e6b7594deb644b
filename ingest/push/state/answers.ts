import type { RowError } from '../types.js';
import type { BatchAnswer } from './answer.js';

/** Characters of the errors of all answers that are remembered, about: beyond, the oldest are forgotten. */
const MAX_ERROR_CHARS = 2 ** 21;

/** What an error takes beside its message. */
const ERROR_CHARS = 32;

/** An answer that is remembered; it may lose its errors, never its counts. */
export interface Remembered {
  position: number;
  readonly received: number;
  readonly late: number;
  readonly rejected: number;
  errors: readonly RowError[];
}

/** Answers as numbers, and the errors of those that have some: place of the answer, then row, reason, message of each. */
export type PackedAnswers = readonly [
  readonly number[],
  readonly (readonly [number, readonly (string | number)[]])[],
];

/** Keeps the errors of remembered answers within bounds. */
export class ErrorBudget {
  /** Answers that have errors, oldest first. */
  readonly #answers = new Set<Remembered>();
  #chars = 0;

  add(answer: Remembered): void {
    if (answer.errors.length === 0) return;
    this.#answers.add(answer);
    this.#chars += charsOf(answer);
    for (const oldest of this.#answers) {
      if (this.#chars <= MAX_ERROR_CHARS) break;
      this.drop(oldest);
      oldest.errors = [];
    }
  }

  /** The answer is not remembered any more. */
  drop(answer: Remembered): void {
    if (this.#answers.delete(answer)) this.#chars -= charsOf(answer);
  }

  /** Takes answers back from a checkpoint. */
  restore(answers: readonly Remembered[]): void {
    const some = answers.filter(({ errors }) => errors.length > 0);
    for (const answer of some.sort((a, b) => a.position - b.position)) this.add(answer);
  }
}

const charsOf = ({ errors }: Remembered): number =>
  errors.reduce((sum, { message }) => sum + message.length + ERROR_CHARS, 0);

export const remembered = ({ position, received, late, rejected, errors }: BatchAnswer) =>
  ({ position, received, late, rejected, errors }) satisfies Remembered;

export const answerOf = ({
  position,
  received,
  late,
  rejected,
  errors,
}: Remembered): BatchAnswer => ({
  position,
  received,
  stored: received - late - rejected,
  late,
  rejected,
  deduplicated: 0,
  errors,
});

/** Positions as differences: most of them are small then. */
export function packAnswers(answers: readonly Remembered[]): PackedAnswers {
  const numbers: number[] = [];
  const errors: (readonly [number, (string | number)[]])[] = [];
  let before = 0;
  for (const [i, answer] of answers.entries()) {
    numbers.push(answer.position - before, answer.received, answer.late, answer.rejected);
    before = answer.position;
    if (answer.errors.length === 0) continue;
    errors.push([i, answer.errors.flatMap(({ row, reason, message }) => [row, reason, message])]);
  }
  return [numbers, errors];
}

export function unpackAnswers([numbers, errors]: PackedAnswers): Remembered[] {
  const answers: Remembered[] = [];
  let position = 0;
  for (let i = 0; i < numbers.length; i += 4) {
    position += numbers[i]!;
    const [received, late, rejected] = [numbers[i + 1]!, numbers[i + 2]!, numbers[i + 3]!];
    answers.push({ position, received, late, rejected, errors: [] });
  }
  for (const [i, flat] of errors) answers[i]!.errors = unpackErrors(flat);
  return answers;
}

function unpackErrors(flat: readonly (string | number)[]): RowError[] {
  const errors: RowError[] = [];
  for (let i = 0; i < flat.length; i += 3) {
    errors.push({
      row: flat[i] as number,
      reason: flat[i + 1] as RowError['reason'],
      message: flat[i + 2] as string,
    });
  }
  return errors;
}
