/**
 * Compiles the kernels that are written in AssemblyScript, and writes each as a module of its own, beside its sources and into
 * the build output, so that it is found wherever either runs, without a file to open: `npm run build` does it first. A step
 * of the build and no part of the product, so it touches files by itself.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

/** Folders with a folder `assembly`; the module comes to lie beside that. */
const KERNELS = ['core/sort-kernel', 'ingest/input/ndjson'];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const FLAGS = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--use', 'abort='];

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Compiles kernels whose sources are newer than what was compiled last. Vitest calls it too: tests run from the
 * sources.
 */
export default async function buildKernels() {
  for (const kernel of KERNELS) await buildKernel(kernel);
}

async function buildKernel(kernel) {
  const sources = join(ROOT, kernel, 'assembly');
  const targets = [kernel, join('dist', kernel)].map((it) => join(ROOT, it, 'kernel-code.js'));
  const changed = readdirSync(sources).map((name) => modifiedMs(join(sources, name)));
  if (Math.min(...targets.map(modifiedMs)) > Math.max(...changed)) return;
  const code = await compiled(sources);
  for (const target of targets) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `export const KERNEL_CODE =\n  '${code}';\n`);
  }
}

/** The kernel as base64. */
async function compiled(sources) {
  const directory = mkdtempSync(join(tmpdir(), 'varve-kernel-'));
  try {
    const file = join(directory, 'kernel.wasm');
    const { error, stderr } = await main([join(sources, 'index.ts'), '-o', file, ...FLAGS]);
    if (error !== null) throw new Error(`${stderr.toString()}\n${error.message}`);
    return readFileSync(file).toString('base64');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
