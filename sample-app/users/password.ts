import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** 16 MiB and about 0.2 s for each password. @see OWASP, "Password Storage Cheat Sheet", scrypt */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_LENGTH = 32;

const deriveKey = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** A hash of which nobody knows the password. To check one against it costs as much as with any other. */
export const NOBODYS_HASH = format(randomBytes(16), randomBytes(KEY_LENGTH));

/** Resolves to `salt.key`, both in base64url. The salt is new each time. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return format(salt, await deriveKey(password, salt, KEY_LENGTH, COST));
}

/** Resolves to whether the hash was made from the password. It takes equally long for right and wrong ones. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [salt, key] = hash.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer];
  return timingSafeEqual(await deriveKey(password, salt, KEY_LENGTH, COST), key);
}

function format(salt: Buffer, key: Buffer): string {
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}
