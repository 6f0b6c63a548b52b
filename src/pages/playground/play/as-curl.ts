import type { Exchange } from '../world.types.js';

/** A request as a line for a shell, to send it once more. @param address of the actor's routes */
export function curlOf({ method, path, headers, body }: Exchange, address: string): string {
  const parts = [
    'curl -i',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined || body === null
      ? []
      : ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
    quoted(address + path),
  ];
  return parts.join(' \\\n  ');
}

/** Between single quotes, where sh reads nothing but them. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
