import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { HomeController } from './home.controller.js';

@Module({ imports: [UsersModule], controllers: [HomeController] })
export class HomeModule {}
