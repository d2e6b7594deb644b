/**
 * The compiled file to start a worker thread from: `name` (such as `./worker.js`) beside the module
 * whose `import.meta.url` is given. Node 20 runs no TypeScript, so a module that a test runner
 * reads as source starts its counterpart in the build output. `room` is the module's folder, from
 * the root of the package.
 */
export function workerEntry(moduleUrl: string, room: string, name: string): URL {
  if (!moduleUrl.endsWith('.ts')) return new URL(name, moduleUrl);
  const up = room.split('/').map(() => '..');
  return new URL(`${up.join('/')}/dist/${room}/${name}`, moduleUrl);
}
