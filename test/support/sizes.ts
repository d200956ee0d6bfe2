/** Returns the number of entries of each Map, Set and array that is reachable from `root`, by the names of the properties on
 *  the way. Sockets and all else that emits events belong to Node and are left out. */
export function sizesFrom(root: object): Map<string, number> {
  const sizes = new Map<string, number>();
  const seen = new Set<unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || isForeign(value)) return;
    seen.add(value);
    const entries = entriesOf(value);
    if (entries) sizes.set(path, (sizes.get(path) ?? 0) + entries.length);
    for (const entry of entries ?? []) visit(entry, `${path}[]`);
    for (const name of Reflect.ownKeys(value)) {
      const { value: inner } = Object.getOwnPropertyDescriptor(value, name)!;
      if (!(Array.isArray(value) && /^\d+$/.test(String(name)))) visit(inner, `${path}.${String(name)}`);
    }
  };
  visit(root, '');
  return sizes;
}

/** The keys and values of a collection; `undefined` for any other object. */
function entriesOf(value: object): unknown[] | undefined {
  if (value instanceof Map) return [...value].flat();
  return value instanceof Set || Array.isArray(value) ? [...value] : undefined;
}

const isForeign = (value: object) =>
  ArrayBuffer.isView(value) || value instanceof ArrayBuffer || 'setMaxListeners' in value;
