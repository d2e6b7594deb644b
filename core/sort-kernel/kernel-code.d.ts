/** The kernel of assembly/ as base64. Its module is written by core/build-kernels.mjs, here and in the build output. */
export declare const KERNEL_CODE: string;
