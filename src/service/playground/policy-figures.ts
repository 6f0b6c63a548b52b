import { policyReport, resolveOptions, type Duration } from '../../index.js';
import { formatDuration } from '../../internal.js';
import type { PolicyFigures, WorldPolicy } from '../../pages/playground/world.types.js';

/** As `AuthModule` has it by default. */
export const DEFAULT_POLICY: WorldPolicy = defaults();

/** @throws AuthConfigError for a policy that cannot be */
export function policyFigures({ accessTtl, idleTtl, absoluteTtl, grace }: WorldPolicy): PolicyFigures {
  const policy = resolveOptions(
    {
      issuer: 'http://localhost',
      keys: undefined,
      accessTtl: accessTtl as Duration,
      idleTtl: idleTtl as Duration,
      absoluteTtl: absoluteTtl as Duration,
      grace: grace as Duration,
    },
    'refresh-sliding',
  );
  const { clients, findings } = policyReport(policy);
  const { theft, logins, storeOperationsPerThousandRequests: operations } = clients[0]!;
  const { ownerAtWork, ownerAway } = theft.refreshToken!;
  return {
    rows: [
      ['A stolen access token is of use for', formatDuration(theft.accessToken)],
      ['A stolen refresh token, its owner at work', formatDuration(ownerAtWork)],
      ['… its owner away', formatDuration(ownerAway)],
      [
        'A refresh token that was used already',
        theft.previousRefreshToken ? formatDuration(theft.previousRefreshToken) : 'at no time',
      ],
      ['Somebody always at work signs in every', formatDuration(logins.steady)],
      ['… who comes daily, every', formatDuration(logins.daily)],
      ['… who comes monthly, every', formatDuration(logins.monthly)],
      ['Store operations in 1000 requests', String(operations)],
    ],
    findings,
  };
}

function defaults(): WorldPolicy {
  const { clients, grace } = resolveOptions({ issuer: 'http://localhost' }, 'refresh-sliding');
  const { accessTtl, idleTtl, absoluteTtl } = clients.get('default')!;
  return {
    accessTtl: formatDuration(accessTtl),
    idleTtl: formatDuration(idleTtl),
    absoluteTtl: formatDuration(absoluteTtl),
    grace: formatDuration(grace),
  };
}
