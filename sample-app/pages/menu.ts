/** The pages of the menu by their paths. A login may lead to these and to no others. */
export const MENU: Readonly<Record<string, string>> = {
  '/': 'Home',
  '/cart': 'Cart',
  '/devices': 'My devices',
  '/admin': 'Admin',
};

/** Returns the path if it is one of the menu's, else the first page, so that no link can lead elsewhere from here. */
export const ownPath = (path: unknown): string =>
  typeof path === 'string' && Object.hasOwn(MENU, path) ? path : '/';
