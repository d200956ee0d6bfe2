/** The pages of the menu by their paths. */
export const MENU: Readonly<Record<string, string>> = {
  '/': 'Home',
  '/cart': 'Cart',
  '/devices': 'Devices',
  '/sealing': 'Sealing',
  '/admin': 'Admin',
};

/** Where a login may lead, beside the pages of the menu. */
const MORE = new Set(['/sealing/opened', '/sealing/refused', '/sealing/rotated', '/ops', '/ops/metrics']);

/** Returns the path if it is one of ours, else the first page, so that no link can lead elsewhere from here. */
export const ownPath = (path: unknown): string =>
  typeof path === 'string' && (Object.hasOwn(MENU, path) || MORE.has(path)) ? path : '/';
