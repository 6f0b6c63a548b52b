import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthConfigError } from '../../index.js';

/** Where to listen, and which setting says so. */
export interface ListeningPlace {
  readonly host: string;
  readonly port: number;
  /** The setting of the port. */
  readonly setting: string;
}

/** Listens on `HOST` and `PORT`. @throws AuthConfigError see {@link listenAt} */
export const listen = (app: NestFastifyApplication, { host, port }: Omit<ListeningPlace, 'setting'>): Promise<void> =>
  listenAt({ host, port, setting: 'PORT' }, (address) => app.listen({ port, host: address }));

/**
 * Listens on an address, or on 0.0.0.0 where that is all that a machine has.
 * @param bind listens on the address that it is given
 * @throws AuthConfigError that names the setting when the port or the address cannot be used
 */
export async function listenAt(place: ListeningPlace, bind: (host: string) => Promise<unknown>): Promise<void> {
  try {
    await bind(place.host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A machine or container without IPv6 has no `::`.
    if (place.host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listenAt({ ...place, host: '0.0.0.0' }, bind);
    }
    throw whyNot(code, place) ?? error;
  }
}

function whyNot(code: string | undefined, { host, port, setting }: ListeningPlace): AuthConfigError | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return AuthConfigError.of(
        setting,
        `${port} is used by another process; stop that one, or set another ${setting}`,
      );
    case 'EACCES':
      return AuthConfigError.of(
        setting,
        `${port} is not allowed for this user; set a ${setting} of 1024 or more, and let a proxy listen on ${port}`,
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
