import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthController } from './auth.controller.js';

@Module({ imports: [UsersModule, DevicesModule], controllers: [AuthController] })
export class AuthModule {}
