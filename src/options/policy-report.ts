import type { ClientPolicy } from './client-options.js';
import { DAY, SECOND } from './durations.js';
import { isConfidentialClient } from './options.js';
import type { ClientReport, MachineReport, PolicyReport, ReportedPolicy } from './policy-report.types.js';
import { findingsOf } from './policy-findings.js';

const AT_WORK = 10 * SECOND;
const VISITS = { steady: 300 * SECOND, daily: DAY, monthly: 30 * DAY };
const BYTES_PER_SESSION = 220;

/**
 * What a policy means, in numbers: how long each stolen thing is of use, how often people must log in, what the store
 * has to do; and what about it is dangerous or inconvenient, each with what to change. Pure.
 *
 * Where a strategy slides, its users are taken to use routes that slide, or clients that renew.
 *
 * @example
 * ```ts
 * const report = policyReport(app.get(AUTH_POLICY));
 * console.log(formatPolicyReport(report));
 * ```
 */
export function policyReport(policy: ReportedPolicy): PolicyReport {
  const all = [...policy.clients];
  const clients = all
    .filter(([, client]) => !isConfidentialClient(client))
    .map(([clientId, lives]) => clientReport(policy, clientId, lives));
  const machines = all
    .filter(([, client]) => isConfidentialClient(client))
    .map(([clientId, lives]) => machineReport(clientId, lives));
  return { strategy: policy.strategy, clients, machines, findings: findingsOf(policy, clients, machines) };
}

const machineReport = (clientId: string, { accessTtl }: ClientPolicy): MachineReport => ({
  clientId,
  accessToken: accessTtl,
  tokensPerDay: Math.ceil(DAY / accessTtl),
});

function clientReport(policy: ReportedPolicy, clientId: string, lives: ClientPolicy): ClientReport {
  const reachAt = (every: number): number => reachOf(policy, lives, every).end;
  return {
    clientId,
    theft: {
      accessToken: reachAt(0),
      ...(policy.keepsSessions && {
        refreshToken: { ownerAtWork: unseenFor(policy, lives), ownerAway: lives.absoluteTtl },
        previousRefreshToken: policy.grace,
      }),
    },
    logins: {
      steady: loginEvery(policy, lives, VISITS.steady),
      daily: loginEvery(policy, lives, VISITS.daily),
      monthly: loginEvery(policy, lives, VISITS.monthly),
    },
    storeOperationsPerThousandRequests: policy.keepsSessions ? storeOperations(policy, lives) : 0,
    bytesPerSession: policy.keepsSessions ? BYTES_PER_SESSION : 0,
  };
}

/** The first visit at or after a moment; `every` 0 is somebody who is always there. */
const visitAt = (moment: number, every: number): number =>
  every === 0 ? moment : Math.max(every, Math.ceil(moment / every) * every);

/**
 * How far access tokens reach for somebody who comes so often, from the login or refresh that gave the first one: to
 * `end`, with the last renewal, if there is any, at `renewedAt`, and `renewals` of them.
 */
function reachOf(policy: ReportedPolicy, { accessTtl, absoluteTtl }: ClientPolicy, every: number) {
  const limit = policy.keepsSessions ? Math.min(policy.sliding.slideLimit, absoluteTtl) : absoluteTtl;
  // A token is renewed at the first visit that finds it old enough, if that visit does not come too late for it.
  const step = visitAt(policy.sliding.renewAfter * accessTtl, every);
  if (!policy.renews || limit <= accessTtl || step >= accessTtl) return { end: accessTtl, renewedAt: 0, renewals: 0 };
  const renewals = step === 0 ? 0 : Math.ceil((limit - accessTtl) / step);
  return { end: limit, renewedAt: renewals * step, renewals };
}

/** Where the owner refreshes within grace of the thief, both get the same successor, and nobody learns of the other. */
function unseenFor(policy: ReportedPolicy, lives: ClientPolicy): number {
  const refreshesAfter = reachOf(policy, lives, AT_WORK).end;
  return refreshesAfter > policy.grace ? refreshesAfter : lives.absoluteTtl;
}

function loginEvery(policy: ReportedPolicy, lives: ClientPolicy, every: number): number {
  const { end, renewedAt } = reachOf(policy, lives, every);
  const returns = visitAt(end, every);
  if (!policy.keepsSessions) return returns;
  const idleSince = movesIdleEnd(policy) ? renewedAt : 0;
  return returns - idleSince >= lives.idleTtl ? returns : visitAt(lives.absoluteTtl, every);
}

/** Elsewhere no session has an idle end that moves. */
const movesIdleEnd = ({ sliding, slides }: ReportedPolicy): boolean => sliding.extendSession && slides;

function storeOperations(policy: ReportedPolicy, lives: ClientPolicy): number {
  const { end, renewals } = reachOf(policy, lives, AT_WORK);
  const requests = visitAt(end, AT_WORK) / AT_WORK;
  return Math.round(((1 + (movesIdleEnd(policy) ? renewals : 0)) / requests) * 1000 * 10) / 10;
}
