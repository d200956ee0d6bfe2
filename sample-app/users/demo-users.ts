export interface DemoUser {
  readonly id: string;
  readonly name: string;
  readonly admin: boolean;
  /** Shown on the page: this is a demonstration. A real application keeps a slow, salted hash and compares that. */
  readonly password: string;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', name: 'Ada', admin: true, password: 'analytical-engine' },
  { id: 'grace', name: 'Grace', admin: false, password: 'nanoseconds' },
];

/** The user with this password, or `undefined`. Takes whatever a form may hold. */
export function findUser(id: unknown, password: unknown): DemoUser | undefined {
  return DEMO_USERS.find((user) => user.id === id && user.password === password);
}
