import { Column, Entity, PrimaryColumn } from 'typeorm';

export type Role = 'admin' | 'customer';

@Entity('shop_users')
export class User {
  /** The name to log in with, and the subject of the user's sessions. */
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  /** See password.ts. */
  @Column('text', { name: 'password_hash' })
  passwordHash!: string;
}
