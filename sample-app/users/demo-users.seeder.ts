import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DEMO_USERS } from './demo-users.js';
import { UsersService } from './users.service.js';

/** Creates the demo users that are missing, before the application listens. */
@Injectable()
export class DemoUsersSeeder implements OnModuleInit {
  constructor(private readonly users: UsersService) {}

  async onModuleInit(): Promise<void> {
    await Promise.all(DEMO_USERS.map((user) => this.users.createIfMissing(user)));
  }
}
