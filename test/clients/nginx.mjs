import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { until } from '../faults/redis.mjs';

/** Debian's nginx in front of the service: TLS by a test authority, and the forward authentication of the docs. */
export async function startNginx({ port, upstream }) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-nginx-'));
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  makeCertificates(folder);
  // The very configuration that the docs show, with the addresses of this run.
  const shown = /```nginx\n([\s\S]*?)```/.exec(readFileSync(`${root}docs/oauth.md`, 'utf8'))?.[1];
  if (!shown) throw new Error('docs/oauth.md shows no configuration of nginx');
  const server = shown
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${upstream}`)
    .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replaceAll('server_name shop.example', 'server_name localhost')
    .replaceAll('/etc/nginx/tls/', `${folder}/`)
    .replaceAll('http://127.0.0.1:8080', `http://unix:${folder}/orders.sock`);
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    # Stands for the application behind the door: it answers with what it was told.
    listen unix:${folder}/orders.sock;
    location / {
      default_type application/json;
      return 200 '{"subject":"$http_x_auth_subject","session":"$http_x_auth_session","client":"$http_x_auth_client","scope":"$http_x_auth_scope"}';
    }
  }
${server}
}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  const exit = once(child, 'exit');
  const ended = exit.then(() => Promise.reject(new Error(`nginx ended: ${log}`)));
  ended.catch(() => undefined);
  const answers = async () => spawnSync('curl', ['-sk', `https://localhost:${port}/health/live`]).status === 0;
  await Promise.race([until('nginx', answers, 20_000), ended]);
  return {
    ca: join(folder, 'ca.pem'),
    stop: async () => {
      child.kill('SIGQUIT');
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeCertificates(folder) {
  const openssl = (...args) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
}
