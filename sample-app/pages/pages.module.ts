import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { AssetsController } from './assets.controller.js';
import { ErrorFilter } from './error.filter.js';
import { PageInterceptor } from './page.interceptor.js';
import { PageRenderer } from './page-renderer.js';

@Module({
  controllers: [AssetsController],
  providers: [
    PageRenderer,
    { provide: APP_INTERCEPTOR, useClass: PageInterceptor },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class PagesModule {}
