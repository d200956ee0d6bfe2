import { Module } from '@nestjs/common';
import { EmbeddedPostgres } from './embedded-postgres.js';

@Module({ providers: [EmbeddedPostgres], exports: [EmbeddedPostgres] })
export class EmbeddedPostgresModule {}
