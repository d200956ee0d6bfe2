import { revocationIn, type RevocationOptions, type RevocationSource } from '../revocation.js';
import { typeOrmStore, type TypeOrmStoreOptions } from './typeorm.store.js';

export interface SqlRevocationOptions extends TypeOrmStoreOptions, RevocationOptions {}

/** Returns a source of revocations in the session table of Postgres, through TypeORM. */
export const sqlRevocation = ({ generations, ...options }: SqlRevocationOptions = {}): RevocationSource =>
  revocationIn('sqlRevocation', generations, () => typeOrmStore(options));
