import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { hashPassword, NOBODYS_HASH, verifyPassword } from './password.js';
import { User } from './user.entity.js';

@Injectable()
export class UsersService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  findAll(): Promise<User[]> {
    return this.users.find({ order: { id: 'ASC' } });
  }

  findOne(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** Resolves to the user with this name and password, or to `undefined`. An unknown name takes as long as a known one,
   *  so that nobody can tell by the time which names exist. */
  async verify(id: string, password: string): Promise<User | undefined> {
    const user = await this.findOne(id);
    const verified = await verifyPassword(password, user?.passwordHash ?? NOBODYS_HASH);
    return user && verified ? user : undefined;
  }

  /** Leaves a user alone that exists already. */
  async createIfMissing({ password, ...user }: Omit<User, 'passwordHash'> & { password: string }) {
    if (await this.users.existsBy({ id: user.id })) return;
    const passwordHash = await hashPassword(password);
    await this.users
      .createQueryBuilder()
      .insert()
      .values({ ...user, passwordHash })
      .orIgnore()
      .execute();
  }
}
