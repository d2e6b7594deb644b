import { ConflictError } from '../../../core/index.js';
import type { DedupSettings } from '../spec/settings.js';
import type { PushIdentity } from '../types.js';
import type { BatchAnswer } from './answer.js';
import { answerOf, ErrorBudget, type Remembered, remembered } from './answers.js';
import { hashOf, KeyWindow, type PackedKeys } from './key-window.js';
import { type PackedWindow, ProducerWindow } from './producer-window.js';

/** Answers to sequences, of all producers together. */
const MAX_ANSWERS = 250_000;

/** Producers whose window is gone and of which only the greatest sequence is known. */
const MAX_FLOORS = 100_000;

/** Whether a batch was taken before. */
export type Known =
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate'; readonly answer: BatchAnswer }
  | { readonly kind: 'refused'; readonly error: ConflictError };

export interface PackedDedup {
  readonly producers: readonly (readonly [string, PackedWindow])[];
  readonly floors: readonly (readonly [number, number])[];
  readonly floor: number;
  readonly keys: PackedKeys;
}

const NEW: Known = { kind: 'new' };

/**
 * Remembers which batches were taken, so that a retry gets the first answer.
 *
 * Producers  see `ProducerWindow`. When there are too many, the one that was silent for the longest loses its
 *            window, and its greatest sequence becomes its floor; when there are too many floors, the oldest
 *            one goes into the floor of all producers that are not known. What is not above its floor is refused.
 * Keys       see `KeyWindow`.
 */
export class Dedup {
  /** The one that was silent for the longest first. */
  readonly #producers = new Map<string, ProducerWindow>();
  /** By hash of the name; oldest first. Equal hashes cost a refusal, never a second count. */
  readonly #floors = new Map<number, number>();
  /** Of producers that are in neither. */
  #floor = -1;
  #keys = new KeyWindow();
  readonly #errors = new ErrorBudget();
  #answerCount = 0;

  known({ producer, sequence, key }: PushIdentity): Known {
    if (key !== null) return this.#knownKey(key);
    if (producer === null || sequence === null) return NEW;
    const window = this.#producers.get(producer);
    const answer = window?.answer(sequence);
    if (answer) return asKnown(answer);
    const unknownUpTo = window?.unknownUpTo ?? this.#floorOf(producer);
    if (sequence > unknownUpTo) return NEW;
    return { kind: 'refused', error: tooOld(producer, sequence, unknownUpTo) };
  }

  #knownKey(key: string): Known {
    const answer = this.#keys.answer(key);
    if (answer !== undefined) return asKnown(answer);
    return this.#keys.isForgotten(key) ? { kind: 'refused', error: forgotten(key) } : NEW;
  }

  /** A batch that was new has been taken. */
  remember(
    { producer, sequence, key }: PushIdentity,
    answer: BatchAnswer,
    settings: DedupSettings,
  ) {
    const kept = remembered(answer);
    // First, since the answer may be forgotten at once.
    if (key !== null || producer !== null) this.#errors.add(kept);
    if (key !== null) this.#rememberKey(key, kept, settings.keys);
    else if (producer !== null && sequence !== null) {
      this.#rememberSequence(producer, sequence, kept, settings);
    }
  }

  #rememberKey(key: string, answer: Remembered, maxKeys: number): void {
    for (const dropped of this.#keys.add(key, answer, maxKeys)) this.#errors.drop(dropped);
  }

  #rememberSequence(
    producer: string,
    sequence: number,
    answer: Remembered,
    settings: DedupSettings,
  ) {
    const window = this.#producers.get(producer) ?? new ProducerWindow(this.#floorOf(producer));
    this.#floors.delete(hashOf(producer));
    this.#producers.delete(producer);
    this.#producers.set(producer, window);
    window.add(sequence, answer);
    this.#answerCount++;
    while (window.size > settings.sequences) {
      this.#errors.drop(window.dropLowest());
      this.#answerCount--;
    }
    for (const [silent, { size }] of this.#producers) {
      const isFull = this.#producers.size > settings.producers || this.#answerCount > MAX_ANSWERS;
      if (!isFull || silent === producer) break;
      this.#answerCount -= size;
      this.#forget(silent);
    }
  }

  #forget(producer: string): void {
    const window = this.#producers.get(producer)!;
    for (const answer of window.answers) this.#errors.drop(answer);
    this.#producers.delete(producer);
    this.#floors.set(hashOf(producer), window.top);
    if (this.#floors.size <= MAX_FLOORS) return;
    for (const [oldest, floor] of this.#floors) {
      this.#floors.delete(oldest);
      this.#floor = Math.max(this.#floor, floor);
      break;
    }
  }

  #floorOf(producer: string): number {
    return this.#floors.get(hashOf(producer)) ?? this.#floor;
  }

  /** All batches that are remembered count as if they ended there in the log. */
  moveTo(position: number): void {
    const windows = [...this.#producers.values()].flatMap(({ answers }) => answers);
    for (const answer of [...windows, ...this.#keys.answers]) answer.position = position;
  }

  pack(): PackedDedup {
    return {
      producers: [...this.#producers].map(([name, window]) => [name, window.pack()]),
      floors: [...this.#floors],
      floor: this.#floor,
      keys: this.#keys.pack(),
    };
  }

  static unpack({ producers, floors, floor, keys }: PackedDedup): Dedup {
    const dedup = new Dedup();
    for (const [name, window] of producers)
      dedup.#producers.set(name, ProducerWindow.unpack(window));
    for (const [hash, each] of floors) dedup.#floors.set(hash, each);
    dedup.#floor = floor;
    dedup.#keys = KeyWindow.unpack(keys);
    const windows = [...dedup.#producers.values()];
    dedup.#answerCount = windows.reduce((sum, { size }) => sum + size, 0);
    const answers = windows.flatMap((window) => window.answers);
    dedup.#errors.restore([...answers, ...dedup.#keys.answers]);
    return dedup;
  }
}

const asKnown = (answer: Remembered | undefined): Known =>
  answer === undefined ? NEW : { kind: 'duplicate', answer: answerOf(answer) };

const forgotten = (key: string): ConflictError =>
  new ConflictError(
    `Idempotency-Key ${JSON.stringify(key)} is older than the remembered window: its batch was taken, or may have been, and the answer is not known any more. ` +
      'Look for its rows; if they are not there, send them under a new key',
    { field: 'Idempotency-Key' },
  );

function tooOld(producer: string, sequence: number, unknownUpTo: number): ConflictError {
  return new ConflictError(
    `sequence ${sequence} of producer ${JSON.stringify(producer)} is older than the remembered window [${unknownUpTo + 1}, …]: ` +
      'whether it was stored is not known any more. Look for its rows; if they are not there, send them under a newer sequence',
    { field: 'sequence' },
  );
}
