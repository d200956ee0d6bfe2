import type { PhpCase } from '../php-session.js';
import type { Settings } from '../probe/probe-app.js';

export interface BehaviourCase extends PhpCase {
  readonly theme: string;
  readonly cookie_id: string | null;
  readonly ini: Settings;
  readonly setup: string | null;
  readonly code: string;
  readonly headers: readonly string[];
  readonly result: Readonly<Record<string, unknown>>;
  readonly messages: readonly string[];
}
