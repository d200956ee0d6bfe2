import { IsIn, IsNotEmpty, IsOptional, IsPort, Matches, ValidateIf, validateSync } from 'class-validator';
import { StartupError } from './startup.error.js';

/** All environment variables of the sample application, with their defaults. A message shows no value that may hold a
 *  password. */
export class Environment {
  @IsPort({ message: 'PORT: "$value" is not a port; use a number from 0 to 65535 (0 takes any free port)' })
  readonly PORT: string = '3000';

  /** The address to listen on. By default only this machine reaches the application. */
  readonly HOST: string = '127.0.0.1';

  @IsIn(['express', 'fastify'], { message: 'ADAPTER: "$value" is unknown; use express or fastify' })
  readonly ADAPTER: 'express' | 'fastify' = 'express';

  /** The file of the TLS key (PEM). With it and TLS_CERT the application speaks https. */
  @ValidateIf(({ TLS_CERT }: Environment) => TLS_CERT !== undefined)
  @IsNotEmpty({ message: 'TLS_KEY: it is missing, and TLS_CERT needs it; set both for https, or neither' })
  readonly TLS_KEY?: string;

  /** The file of the certificate (PEM). */
  @ValidateIf(({ TLS_KEY }: Environment) => TLS_KEY !== undefined)
  @IsNotEmpty({ message: 'TLS_CERT: it is missing, and TLS_KEY needs it; set both for https, or neither' })
  readonly TLS_CERT?: string;

  /** Where sessions are kept. */
  @IsIn(['postgres', 'cookie'], { message: 'SESSION_STORE: "$value" is unknown; use postgres or cookie' })
  readonly SESSION_STORE: 'postgres' | 'cookie' = 'postgres';

  /** The key that seals sessions: a passphrase, or any other text that `crypto.secrets` takes. Without it the
   *  application makes one and keeps it in DATA_DIR. */
  @IsOptional()
  @Matches(/^(?:raw|hex|file|exec):|^.{16}/s, {
    message: 'SESSION_SECRET: a passphrase needs at least 16 characters; without the variable one is made',
  })
  readonly SESSION_SECRET?: string;

  /** A PostgreSQL server. Without it the application brings its own database and keeps that in DATA_DIR. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'DATABASE_URL: it must begin with postgres:// or postgresql://',
  })
  readonly DATABASE_URL?: string;

  /** The folder for the database and the secret that the application makes itself. */
  readonly DATA_DIR: string = '.data';
}

/** Reads the variables. An empty one counts as absent. Throws a StartupError that lists every fault. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const environment = Object.assign(new Environment(), given);
  const faults = validateSync(environment).flatMap(({ constraints = {} }) => Object.values(constraints));
  if (faults.length) throw new StartupError(`Wrong environment variables:\n${faults.join('\n')}`);
  return environment;
}
