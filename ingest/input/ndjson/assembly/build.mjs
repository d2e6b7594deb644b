/**
 * Compiles the NDJSON kernel and writes it as a module of its own, beside the sources and into the build output, so
 * that it is found wherever either runs, without a file to open: `npm run build` does it first. A step of the build and no
 * part of the product, so it touches files by itself.
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

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const SOURCES = pathOf('.');
const TARGETS = [
  pathOf('../kernel-code.js'),
  pathOf('../../../../dist/ingest/input/ndjson/kernel-code.js'),
];

const FLAGS = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--use', 'abort='];

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Compiles the kernel when its sources are newer than what was compiled last. Vitest calls it too: tests run
 * from the sources.
 */
export default async function buildKernel() {
  const sources = readdirSync(SOURCES).map((name) => modifiedMs(join(SOURCES, name)));
  if (Math.min(...TARGETS.map(modifiedMs)) > Math.max(...sources)) return;
  const code = await compiled();
  for (const target of TARGETS) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `export const KERNEL_CODE =\n  '${code}';\n`);
  }
}

/** The kernel as base64. */
async function compiled() {
  const directory = mkdtempSync(join(tmpdir(), 'varve-kernel-'));
  try {
    const file = join(directory, 'kernel.wasm');
    const { error, stderr } = await main([join(SOURCES, 'index.ts'), '-o', file, ...FLAGS]);
    if (error !== null) throw new Error(`${stderr.toString()}\n${error.message}`);
    return readFileSync(file).toString('base64');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel();
