/** The kernel of assembly/ as base64. Its module is written by assembly/build.mjs, here and in the build output. */
export declare const KERNEL_CODE: string;
