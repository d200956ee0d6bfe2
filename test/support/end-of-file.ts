/** Vitest runs this file before each file of tests, also where these share a process. */
import { afterAll } from 'vitest';
import { cleanUpFile } from './cleanup.js';

afterAll(cleanUpFile);
