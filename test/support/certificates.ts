import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files: an authority, and a server of this machine that it vouches for. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/**
 * Made by `openssl`, as Node has no maker of certificates and a key in a repository is a bad example.
 * @param names whom the server's certificate is for, as `subjectAltName` has them
 */
export function makeCertificates(names = 'DNS:localhost,IP:127.0.0.1'): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    const { status, stderr, error } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`The tests of TLS need openssl on the PATH: ${error?.message ?? stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(at('names'), `subjectAltName=${names}\n`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
  readFileSync(at('server.pem'));
  return {
    ca: at('ca.pem'),
    cert: at('server.pem'),
    key: at('server.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
