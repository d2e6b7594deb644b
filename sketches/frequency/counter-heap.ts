/** A heap over places of an array of counts: the place of the smallest is at the top. */
export class CounterHeap {
  /** The heap, and where in it each place is. */
  readonly #places: Uint32Array;
  readonly #positions: Uint32Array;
  #size = 0;

  constructor(private readonly counts: Float64Array) {
    this.#places = new Uint32Array(counts.length);
    this.#positions = new Uint32Array(counts.length);
  }

  /** Of the smallest count; there must be one. */
  get least(): number {
    return this.#places[0]!;
  }

  /** Takes in the next place: 0, then 1, and so on. */
  push(): void {
    const place = this.#size++;
    this.#set(place, place);
    this.#rise(place);
  }

  /** After the count of a place grew. */
  grew(place: number): void {
    this.#sink(this.#positions[place]!);
  }

  #rise(from: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (this.#countAt(parent) <= this.#countAt(position)) return;
      this.#swap(parent, position);
      position = parent;
    }
  }

  #sink(from: number): void {
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.#size) return;
      if (child + 1 < this.#size && this.#countAt(child + 1) < this.#countAt(child)) child++;
      if (this.#countAt(position) <= this.#countAt(child)) return;
      this.#swap(position, child);
      position = child;
    }
  }

  #countAt(position: number): number {
    return this.counts[this.#places[position]!]!;
  }

  #swap(a: number, b: number): void {
    const place = this.#places[a]!;
    this.#set(a, this.#places[b]!);
    this.#set(b, place);
  }

  #set(position: number, place: number): void {
    this.#places[position] = place;
    this.#positions[place] = position;
  }
}
