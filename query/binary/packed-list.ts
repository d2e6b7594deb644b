import type { Packr } from 'msgpackr';

/**
 * An array of MessagePack, in pieces: each item is packed when it is wanted. There are `count` of them. The library is loaded
 * for those who want it.
 */
export async function packedList(
  count: number,
  items: Iterable<unknown>,
): Promise<Iterable<Uint8Array>> {
  const { Packr } = await import('msgpackr');
  return piecesOf(count, items, new Packr({ useRecords: false }));
}

function* piecesOf(count: number, items: Iterable<unknown>, packr: Packr): Generator<Uint8Array> {
  yield arrayHead(count);
  for (const item of items) yield packr.pack(item);
}

/** The head of an array of so many items, which follow: `array 32`, big-endian. */
function arrayHead(count: number): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = 0xdd;
  new DataView(head.buffer).setUint32(1, count);
  return head;
}
