/**
 * Compiles the NDJSON kernel and writes it as a module of its own, so that it is found wherever the sources or
 * the build output run, without a file to open: `npm run build` does it first.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const TARGET = fileURLToPath(new URL('../kernel-code.ts', import.meta.url));

const FLAGS = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--use', 'abort='];

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Compiles the kernel when its sources are newer than what was compiled last. Vitest calls it too: tests run
 * from the sources.
 */
export default async function buildKernel() {
  const sources = readdirSync(SOURCES).map((name) => modifiedMs(join(SOURCES, name)));
  if (modifiedMs(TARGET) > Math.max(...sources)) return;
  const directory = mkdtempSync(join(tmpdir(), 'varve-kernel-'));
  try {
    const file = join(directory, 'kernel.wasm');
    const { error, stderr } = await main([join(SOURCES, 'index.ts'), '-o', file, ...FLAGS]);
    if (error !== null) throw new Error(`${stderr.toString()}\n${error.message}`);
    const code = readFileSync(file).toString('base64');
    writeFileSync(
      TARGET,
      `/** Written by assembly/build.mjs: WebAssembly as base64. */\nexport const KERNEL_CODE =\n  '${code}';\n`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel();
