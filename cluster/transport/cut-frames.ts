/** Of one frame. */
const FRAME_BYTES = 1 << 20;

/** Bytes as frames, none of them large. */
export function* cutFrames(blobs: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  for (const blob of blobs) {
    for (let at = 0; at < blob.length; at += FRAME_BYTES) yield blob.subarray(at, at + FRAME_BYTES);
  }
}

/** The bytes of all frames. */
export async function joinFrames(frames: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const frame of frames) all.push(frame);
  const body = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of all) {
    body.set(frame, at);
    at += frame.length;
  }
  return body;
}
