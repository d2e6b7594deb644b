/** A piece of memory, or all pieces of one case together, that no file of the size calls for. */
class AllocationError extends Error {}

const CONSTRUCTORS = [
  ...['ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array', 'Uint16Array', 'Uint32Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
] as const;

type Constructor = new (...args: unknown[]) => { readonly byteLength: number };

/**
 * For tests: runs `work` with constructors of buffers and typed arrays that count the bytes they make, and texts likewise that
 * are decoded. Throws AllocationError, before they are made, where they are more than `maxBytes` in all. Arenas do not
 * count: they have a budget of their own.
 */
export function withLimit<T>(maxBytes: number, work: () => T): T {
  const world = globalThis as unknown as Record<string, Constructor>;
  const before = CONSTRUCTORS.map((name) => [name, world[name]!] as const);
  const { from } = Array;
  const { decode } = TextDecoder.prototype;
  let total = 0;
  const count = (bytes: number) => {
    if (!(bytes >= 0)) return;
    total += bytes;
    if (total > maxBytes) throw new AllocationError(`${total} bytes, want at most ${maxBytes}`);
  };
  for (const [name, made] of before) world[name] = counted(made, count);
  Array.from = ((items: ArrayLike<unknown>, map: never) => {
    count(8 * (items.length ?? 0));
    return from.call(Array, items, map);
  }) as typeof Array.from;
  TextDecoder.prototype.decode = function (input, ...rest) {
    count(input?.byteLength ?? 0);
    return decode.call(this, input, ...rest);
  };
  try {
    return work();
  } finally {
    for (const [name, made] of before) world[name] = made;
    Array.from = from;
    TextDecoder.prototype.decode = decode;
  }
}

/** Of those that get a length; views of a buffer make nothing. */
function counted(made: Constructor, count: (bytes: number) => void): Constructor {
  const width = (made as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  return new Proxy(made, {
    construct(target, args, newTarget) {
      if (typeof args[0] === 'number') count(width * args[0]);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}
