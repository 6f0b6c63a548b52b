import { isLoopback } from './host.js';

/** What `SMTP_URL` says. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte. `starttls`: a server that does not offer it is refused. `none`: never. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: string;
}

const SMTPS_PORT = 465;
/** Of submission, RFC 6409. */
const SMTP_PORT = 587;

/**
 * Reads `smtps://user:password@host:port` (TLS from the first byte) or `smtp://…` (STARTTLS; on this machine, or with
 * `?tls=off`, none). Nothing else of a URL counts: what else a mail library may be told is not for an environment.
 * @returns null if it is no such URL
 */
export function smtpServer(given: string): SmtpServer | null {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname)) return null;
  const off = url.search === '?tls=off';
  if ((url.search !== '' && !off) || url.hash !== '') return null;
  const isImplicit = url.protocol === 'smtps:';
  if (isImplicit && off) return null;
  try {
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || (isImplicit ? SMTPS_PORT : SMTP_PORT),
      tls: isImplicit ? 'implicit' : off || isLoopback(url.hostname) ? 'none' : 'starttls',
      ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
      ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    };
  } catch {
    // A % that is no escape.
    return null;
  }
}
