import type { User } from './user.entity.js';

export interface DemoUser extends Pick<User, 'id' | 'name' | 'role'> {
  /** Shown on the login page. A real application knows no password of its users. */
  readonly password: string;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', name: 'Ada', role: 'admin', password: 'analytical-engine' },
  { id: 'grace', name: 'Grace', role: 'customer', password: 'nanoseconds' },
];
