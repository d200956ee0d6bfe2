import { Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

/** Answers programs as Nest does by itself, where ErrorFilter would make a page. */
@Catch()
export class JsonErrorFilter extends BaseExceptionFilter {}
