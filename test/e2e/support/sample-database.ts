import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface SampleDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of one sample application on the server that TEST_DATABASE_URL names, or `undefined` without it. */
export async function sampleDatabase(
  server = process.env['TEST_DATABASE_URL'],
): Promise<SampleDatabase | undefined> {
  if (!server) return undefined;
  const name = `sample_${randomBytes(6).toString('hex')}`;
  await tell(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, drop: () => tell(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function tell(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(statement);
  await client.end();
}
