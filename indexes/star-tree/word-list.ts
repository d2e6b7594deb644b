/** 32-bit words, side by side, of which there may be more and more. */
export class WordList {
  #words = new Int32Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Valid until more words come. */
  get words(): Int32Array {
    return this.#words;
  }

  at(i: number): number {
    return this.#words[i]!;
  }

  set(i: number, word: number): void {
    this.#words[i] = word;
  }

  push(word: number): void {
    if (this.#count === this.#words.length) this.#grow(this.#count + 1);
    this.#words[this.#count++] = word;
  }

  pushAll(words: Int32Array): void {
    const count = this.#count + words.length;
    if (count > this.#words.length) this.#grow(count);
    this.#words.set(words, this.#count);
    this.#count = count;
  }

  /** The words that there are, in an array of their own. */
  taken(): Int32Array<ArrayBuffer> {
    return this.#words.slice(0, this.#count);
  }

  #grow(least: number): void {
    const larger = new Int32Array(Math.max(least, 2 * this.#words.length));
    larger.set(this.#words.subarray(0, this.#count));
    this.#words = larger;
  }
}
