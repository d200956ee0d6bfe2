// A session of a module is the session of a CommonJS file beside it: there is one declaration of each class.
import { Session, SessionGuard } from 'nestjs-session-crypto';
import { cartOf, WaryGuard } from './consumer.cjs';

export const cartOfModule = (session: Session): readonly string[] => cartOf(session);
export const guard: typeof SessionGuard = WaryGuard;
