/** The builds of libsodium that the parameter `library` can name. */
export const LIBRARY_NAMES = ['native', 'wasm'] as const;
