/** What the parameter `library` may be: a build of libsodium. */
export const LIBRARY_NAMES = ['native', 'wasm'] as const;
