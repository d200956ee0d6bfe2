import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateShopTables1764288000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE shop_users (
      id text PRIMARY KEY,
      name text NOT NULL,
      role text NOT NULL,
      password_hash text NOT NULL
    )`);
    await runner.query(`CREATE TABLE shop_devices (
      session_id text PRIMARY KEY,
      name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shop_devices');
    await runner.query('DROP TABLE shop_users');
  }
}
