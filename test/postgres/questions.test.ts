import { afterAll, beforeAll, describe } from 'vitest';
import { pgStore } from 'nestjs-session-crypto/pg';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { onServer, poolOf, testDatabase, type TestDatabase } from '../support/database.js';
import { twelveQuestions } from '../support/twelve-questions.js';

/** Nobody listens there. */
const AWAY = 'postgres://127.0.0.1:1/none';

describe.runIf(onServer)(
  'the twelve questions of docs/operations.md, of sessions in a real PostgreSQL',
  () => {
    let place: TestDatabase;
    beforeAll(async () => void (place = await testDatabase()));
    afterAll(() => place.close());
    const away = () => typeOrmStore({ dataSource: { type: 'postgres', url: AWAY } });

    describe('through TypeORM', () => twelveQuestions(async () => () => typeOrmStore(place), away));

    describe('through a pool', () =>
      twelveQuestions(async () => () => pgStore({ pool: poolOf(place), table: place.table }), away));
  },
);
