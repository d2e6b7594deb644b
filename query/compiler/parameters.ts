import {
  CALL_PARAMETERS,
  type CallParameter,
  type KernelBuilder,
  PARAMETER_BYTES,
  type Parameter,
} from './kernel-builder.js';
import type { Scratch } from './scratch.js';

/** The parameters of a kernel in memory, and its tables behind them. */
export class Parameters {
  readonly address: number;

  /** Throws NoRoomError. */
  constructor(
    private readonly scratch: Scratch,
    private readonly kernel: Pick<
      KernelBuilder,
      'parameters' | 'callWords' | 'runWords' | 'rowMasks'
    >,
  ) {
    const { parameters } = kernel;
    this.address = scratch.take(parameters.length * PARAMETER_BYTES);
    for (const [i, parameter] of parameters.entries()) this.#write(i, parameter);
  }

  set(name: CallParameter, value: number): void {
    this.scratch.view.setUint32(this.#addressOf(name), value, true);
  }

  get(name: CallParameter): number {
    return this.scratch.view.getUint32(this.#addressOf(name), true);
  }

  setCallWords(words: readonly bigint[]): void {
    this.#setWords(this.kernel.callWords, words);
  }

  setRunWords(words: readonly bigint[]): void {
    this.#setWords(this.kernel.runWords, words);
  }

  /** Does nothing where the kernel does not look at the mask. */
  setRowMask(mask: number, address: number): void {
    const parameter = this.kernel.rowMasks.get(mask);
    if (parameter === undefined) return;
    this.scratch.view.setInt32(this.address + parameter * PARAMETER_BYTES, address, true);
  }

  #setWords(parameters: ReadonlyMap<number, number>, words: readonly bigint[]): void {
    for (const [index, parameter] of parameters) {
      const at = this.address + parameter * PARAMETER_BYTES;
      this.scratch.view.setBigInt64(at, words[index]!, true);
    }
  }

  #write(i: number, { kind, value }: Parameter): void {
    const { view, bytes } = this.scratch;
    const at = this.address + i * PARAMETER_BYTES;
    if (typeof value === 'object') {
      const address = this.scratch.take(value.table.length + 16);
      bytes.set(value.table, address);
      view.setUint32(at, address, true);
    } else if (kind === 'i32') view.setUint32(at, Number(value) >>> 0, true);
    else if (kind === 'i64') view.setBigInt64(at, BigInt(value), true);
    else view.setFloat64(at, Number(value), true);
  }

  #addressOf(name: CallParameter): number {
    return this.address + CALL_PARAMETERS.indexOf(name) * PARAMETER_BYTES;
  }
}
