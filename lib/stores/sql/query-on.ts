import type { PoolClient, Query, QueryResult } from './connection.interface.js';

/** Runs a statement on a client of `pg`. */
export const queryOn = (client: PoolClient, query: Query): Promise<QueryResult> =>
  new Promise((resolve, reject) => {
    client.query(query, (error, result) => (error ? reject(error) : resolve(result)));
  });
