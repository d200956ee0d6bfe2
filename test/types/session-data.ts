// What an application may and may not write, checked by the three compilers of `npm run check:types`. Every line below an
// expected error must fail to compile, or the compiler complains.
import type { Session, SessionService } from 'nestjs-session-crypto';

interface Item {
  readonly name: string;
  tags: string[];
}

interface Shop {
  cart: Item[];
  theme: 'light' | 'dark';
  visits: number;
  limit?: number;
  step: 0 | 1;
  label: string | number;
  note: string | null;
  nested: { items: Item[]; position: [x: number, y: number] };
  anything: unknown;
  born: Date;
  person: { name: string; born?: Date };
  days: Date[];
  lookup: Map<string, number>;
  picture: Uint8Array;
  greet: () => string;
  account: bigint;
}

declare const session: Session<Shop>;
declare const open: Session<Record<string, unknown>>;
declare const plain: Session<{ [key: string]: string }>;

export const reads: readonly unknown[] = [
  session.get('cart')?.[0]?.tags[0] satisfies string | undefined,
  session.get('theme') satisfies 'light' | 'dark' | undefined,
  session.get('note') satisfies string | null | undefined,
  session.get('nested')?.position satisfies readonly [number, number] | undefined,
  session.pull('visits') satisfies number | undefined,
  session.all().cart?.length satisfies number | undefined,
  open.get('whatever') satisfies unknown,
  plain.get('whatever') satisfies string | undefined,
];

export function writes(cart: Item[]): void {
  session.set('cart', cart);
  session.set('cart', session.get('cart') ?? []);
  session.set('theme', 'dark');
  session.set('note', null);
  session.set('nested', { items: cart, position: [1, 2] });
  session.set('anything', { a: 1 });
  session.update('cart', (items = []) => [...items, { name: 'tea', tags: [] }]);
  session.update('nested', (nested) => nested && { ...nested, position: [3, 4] as const });
  session.update('cart', () => undefined);
  open.set('whatever', 1);
  open.increment('whatever');
  plain.set('whatever', 'text');
}

export function numbers(): number[] {
  // @ts-expect-error: a list is no number
  session.increment('cart');
  // @ts-expect-error: a text is no number
  session.increment('theme');
  // @ts-expect-error: it may be a text
  session.increment('label');
  // @ts-expect-error: a sum is not 0 or 1
  session.increment('step');
  // @ts-expect-error: nobody declared this key
  session.increment('basket');
  // @ts-expect-error: a text is no number
  plain.increment('whatever');
  return [session.increment('visits'), session.increment('limit', 2), open.increment('additions')];
}

export function frozen(): void {
  const cart = session.get('cart');
  // @ts-expect-error: what is read is frozen
  cart?.push({ name: 'tea', tags: [] });
  // @ts-expect-error: and its parts are
  cart?.[0]?.tags.push('new');
  // @ts-expect-error: a list that may be changed needs a copy
  cart satisfies Item[] | undefined;
  // @ts-expect-error: parts of all values are frozen, too
  session.all().nested?.items.pop();
  // @ts-expect-error: also what is pulled
  session.pull('cart')?.pop();
  // @ts-expect-error: also what update() shows
  session.update('cart', (items) => (items?.push({ name: 'tea', tags: [] }), items));
  // @ts-expect-error: a member
  session.update('nested', (nested) => nested && Object.assign(nested, (nested.items = [])));
}

export function changedByJson(day: Date, map: Map<string, number>, bytes: Uint8Array): void {
  // @ts-expect-error: a Date
  session.set('born', day);
  // @ts-expect-error: a Date would be read as a text
  session.get('born')?.getTime();
  // @ts-expect-error: a Date inside an object
  session.set('person', { name: 'Ada', born: day });
  session.set('person', { name: 'Ada' });
  // @ts-expect-error: a list of Dates
  session.set('days', [day]);
  // @ts-expect-error: also from update()
  session.update('born', () => day);
  // @ts-expect-error: a Map
  session.set('lookup', map);
  // @ts-expect-error: bytes
  session.set('picture', bytes);
  // @ts-expect-error: a function
  session.set('greet', () => 'hello');
  // @ts-expect-error: a bigint
  session.set('account', 1n);
}

export function habits(sessions: SessionService): void {
  // @ts-expect-error: a promise and no callback
  void session.save(() => undefined);
  // @ts-expect-error: a promise and no callback
  void session.login('ada', () => undefined);
  // @ts-expect-error: a value is set by set()
  session.user = 'ada';
  void sessions.list('ada');
}
