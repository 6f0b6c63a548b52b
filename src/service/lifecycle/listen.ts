import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthConfigError } from '../../index.js';

/**
 * Listens on `HOST` and `PORT`.
 * @throws AuthConfigError that names the setting when the port or the address cannot be used
 */
export async function listen(
  app: NestFastifyApplication,
  { host, port }: { host: string; port: number },
): Promise<void> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A machine or container without IPv6 has no `::`, and 0.0.0.0 is all that it has.
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listen(app, { host: '0.0.0.0', port });
    }
    throw whyNot(code, host, port) ?? error;
  }
}

function whyNot(code: string | undefined, host: string, port: number): AuthConfigError | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return AuthConfigError.of('PORT', `${port} is used by another process; stop that one, or set another PORT`);
    case 'EACCES':
      return AuthConfigError.of(
        'PORT',
        `${port} is not allowed for this user; set a PORT of 1024 or more, and let a proxy listen on ${port}`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return AuthConfigError.of(
        'HOST',
        `'${host}' is no address of this machine; try 127.0.0.1, or :: for all of them`,
      );
    default:
      return undefined;
  }
}
