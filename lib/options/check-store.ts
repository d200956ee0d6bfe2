import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { OptionReader } from './option-reader.js';
import type { ResolvedCookies } from './resolve-cookie.js';
import type { ResolvedCrypto } from './resolve-crypto.js';
import type { AnyStore } from './resolved-options.interface.js';
import { isCookieStore, isForeignStore, isServerStore } from './store-kind.js';

/** Adds a fault if the store cannot keep sessions of the chosen format. A native store keeps the native format only; a
 *  foreign store keeps the format of its program, or has its own and takes no `crypto.format`. */
export function checkStoreFormat(reader: OptionReader, crypto: ResolvedCrypto, store: AnyStore): void {
  const { format } = crypto;
  if (isForeignStore(store)) checkForeignStore(reader, crypto, store);
  if (format && isCookieStore(store) && store.options.revocation)
    reader.addFault(
      'store.revocation',
      `knows sessions by an id that crypto.format "${format.name}" does not have; remove one of them`,
    );
  if (format && isServerStore(store))
    reader.addFault(
      'store',
      `"${store.kind}" keeps sessions of the native format; for crypto.format "${format.name}" use cookieStore() or that format's own store`,
    );
}

/** Adds a fault if marks would stay for ever, since no session that they are about ever ends. */
export function checkRevocation(
  reader: OptionReader,
  store: AnyStore,
  { idleTimeout, absoluteTimeout }: SessionTimeouts,
): void {
  if (!isCookieStore(store) || !store.options.revocation || idleTimeout || absoluteTimeout) return;
  reader.addFault(
    'store.revocation',
    'keeps each mark until no cookie from before can be alive, and nothing ends these sessions; set session.absoluteTimeout, such as 28800',
  );
}

function checkForeignStore(
  reader: OptionReader,
  { format, accept }: ResolvedCrypto,
  store: ForeignStore,
): void {
  const needed = store.format;
  if (needed !== undefined) {
    if (format?.name !== needed)
      reader.addFault(
        'store',
        `"${store.kind}" keeps sessions of the ${needed} format; set crypto.format to ${needed}({ … })`,
      );
    return;
  }
  if (format)
    reader.addFault(
      'store',
      `"${store.kind}" has its own format; remove crypto.format and set crypto.secrets`,
    );
  if (accept.length)
    reader.addFault(
      'crypto.accept',
      `migrates sessions into the native format, and the store "${store.kind}" has its own format; remove one of them`,
    );
}

/** Adds a fault if a migrated format reads a cookie that another format, or our own session, has too. The cookie's name
 *  alone tells the format, so that no bytes are ever tried with two formats. */
export function checkMigrationCookies(
  reader: OptionReader,
  { accept }: ResolvedCrypto,
  { secure, plain }: ResolvedCookies,
): void {
  const names = [secure?.name, plain?.name];
  for (const { migrationSource } of accept) {
    const { name, signature } = migrationSource?.cookie ?? {};
    for (const one of [name, signature])
      if (one !== undefined && names.includes(one))
        reader.addFault(
          'crypto.accept',
          `reads the cookie "${one}", which is already in use; set another cookie.name`,
        );
    names.push(name, signature);
  }
}
