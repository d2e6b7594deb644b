import { type PackedAnswers, packAnswers, type Remembered, unpackAnswers } from './answers.js';

/** `low`, then the sequences as differences, then their answers. */
export type PackedWindow = readonly [number, readonly number[], PackedAnswers];

/**
 * The answers to the greatest sequences of one producer.
 *
 * Every sequence that was ever taken is either remembered or not above `low`. So one above `low` that
 * is not remembered was never taken, whatever came after it: batches of one producer may overtake each
 * other within the window. Of one that is not above `low` nothing is known.
 */
export class ProducerWindow {
  /** Ascending, parallel to the answers; never empty once something was added. */
  readonly #sequences: number[] = [];
  readonly #answers: Remembered[] = [];

  constructor(private low: number) {}

  get size(): number {
    return this.#answers.length;
  }

  get answers(): readonly Remembered[] {
    return this.#answers;
  }

  /** The greatest sequence of which nothing is known. */
  get unknownUpTo(): number {
    return this.low;
  }

  /** No sequence above it was ever taken. */
  get top(): number {
    return this.#sequences.at(-1) ?? this.low;
  }

  answer(sequence: number): Remembered | null {
    const place = this.#placeOf(sequence);
    return this.#sequences[place] === sequence ? this.#answers[place]! : null;
  }

  /** Adds a sequence that is above `low` and not remembered. */
  add(sequence: number, answer: Remembered): void {
    const place = this.#placeOf(sequence);
    this.#sequences.splice(place, 0, sequence);
    this.#answers.splice(place, 0, answer);
  }

  /** Forgets the smallest sequence. */
  dropLowest(): Remembered {
    this.low = this.#sequences.shift()!;
    return this.#answers.shift()!;
  }

  pack(): PackedWindow {
    const steps = this.#sequences.map((sequence, i) => sequence - (this.#sequences[i - 1] ?? 0));
    return [this.low, steps, packAnswers(this.#answers)];
  }

  static unpack([low, steps, answers]: PackedWindow): ProducerWindow {
    const window = new ProducerWindow(low);
    let sequence = 0;
    for (const step of steps) {
      sequence += step;
      window.#sequences.push(sequence);
    }
    for (const answer of unpackAnswers(answers)) window.#answers.push(answer);
    return window;
  }

  /** The first place whose sequence is not below `sequence`; it mostly is the last. */
  #placeOf(sequence: number): number {
    let [low, high] = [0, this.#sequences.length];
    if (high > 0 && this.#sequences[high - 1]! < sequence) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sequences[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
