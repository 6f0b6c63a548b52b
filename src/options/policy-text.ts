import { formatDuration } from './durations.js';
import type { ClientReport, PolicyReport } from './policy-report.types.js';

/** A report as text, in one block, without a line break at its end. */
export function formatPolicyReport({ strategy, clients, machines, findings }: PolicyReport): string {
  const blocks = clients.map((client) => {
    const title = clients.length > 1 ? `${strategy}, client ${client.clientId}` : strategy;
    return [`  What ${title} means`, ...rowsOf(client).map(([name, value]) => row(name, value))];
  });
  const ofMachines = machines.flatMap(({ clientId, accessToken, tokensPerDay }) => [
    `  What it means for the machine ${clientId}`,
    row('a stolen machine token', `is of use for ${formatDuration(accessToken)} at most`),
    row('tokens', `${tokensPerDay} a day if it is always at work`),
  ]);
  const notes = findings.map(({ level, option, message }) => `    ${level}: ${option}: ${message}.`);
  return [...blocks.flat(), ...ofMachines, ...(notes.length > 0 ? ['  What to know about it', ...notes] : [])].join(
    '\n',
  );
}

const row = (name: string, value: string): string => `    ${name.padEnd(34)}${value}`;

function rowsOf({ theft, logins, ...client }: ClientReport): readonly (readonly [string, string])[] {
  const { refreshToken, previousRefreshToken } = theft;
  return [
    ['a stolen access token', `is of use for ${formatDuration(theft.accessToken)} at most`],
    ...(refreshToken
      ? ([
          [
            'a stolen refresh token',
            `${formatDuration(refreshToken.ownerAtWork)} at most while its owner works, ` +
              `${formatDuration(refreshToken.ownerAway)} while he is away`,
          ],
          [
            'one that was used already',
            previousRefreshToken ? `${formatDuration(previousRefreshToken)} after that use, then an alarm` : 'an alarm',
          ],
        ] as const)
      : []),
    [
      'logins',
      `always active: every ${formatDuration(logins.steady)}; active daily: every ` +
        `${formatDuration(logins.daily)}; active monthly: every ${formatDuration(logins.monthly)}`,
    ],
    ['store operations', `${client.storeOperationsPerThousandRequests} in 1000 requests of somebody at work`],
    ...(client.bytesPerSession > 0
      ? [['memory of the store', `${client.bytesPerSession} bytes for a user's session, and its device text`] as const]
      : []),
  ];
}
