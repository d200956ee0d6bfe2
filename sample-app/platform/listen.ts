import type { INestApplication } from '@nestjs/common';
import type { AppConfig } from '../config/app.config.js';
import { StartupError } from '../config/startup.error.js';

/** Listens at the configured address. If that fails, it closes the application and says which variable to change. */
export async function listen(app: INestApplication, config: AppConfig): Promise<void> {
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw explain(error as NodeJS.ErrnoException, config);
  }
}

function explain(error: NodeJS.ErrnoException, { port, host }: AppConfig): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartupError(`Port ${port} is taken. Set PORT to another one, or to 0 for any free one.`);
    case 'EACCES':
      return new StartupError(`This user may not listen on port ${port}. Set PORT to one above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`This machine has no address ${host}. Set HOST to one that it has.`);
    default:
      return error;
  }
}
