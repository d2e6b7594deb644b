/**
 * core: what everybody needs: typed errors, exact 64-bit integers, bytes and checksums, hashing,
 * memory arenas, limits, logs, and the seam to the world (disk, clock, chance).
 */
export * from './disk.js';
export * from './errors.js';
export * from './long.js';
export * from './world.js';
