import { DAY, formatDuration, HOUR, SECOND } from './durations.js';
import type { ClientReport, MachineReport, PolicyFinding, ReportedPolicy } from './policy-report.types.js';

/** An access token that is stolen once a year should not be of use for half a day. */
const LONG_FOR_AN_ACCESS_TOKEN = HOUR;
const LONG_FOR_SLIDING = 8 * HOUR;
const LONG_FOR_A_SESSION = 180 * DAY;
/** What clients wait for an answer before they try again. */
const CLIENT_TIMEOUT = 10 * SECOND;
const WORKING_DAY = 8 * HOUR;
const MANY_STORE_OPERATIONS = 100;

/** What of a policy is dangerous or inconvenient. Pure; what is impossible was refused before, by the options' checks. */
export function findingsOf(
  policy: ReportedPolicy,
  reports: readonly ClientReport[],
  machines: readonly MachineReport[],
): readonly PolicyFinding[] {
  const many = policy.clients.size > 1;
  const ofClients = reports.flatMap((report) =>
    clientFindings(policy, report).map((finding) => ({
      ...finding,
      option: many && finding.option.endsWith('Ttl') ? `clients.${report.clientId}.${finding.option}` : finding.option,
    })),
  );
  const findings = [
    ...ofClients,
    ...machines.flatMap(machineFindings),
    ...graceFindings(policy),
    ...reuseFindings(policy),
    ...limitFindings(policy),
  ];
  // Clients with the same lives say the same of an option that they share.
  return findings.filter(
    (one, index) =>
      findings.findIndex((other) => other.option === one.option && other.message === one.message) === index,
  );
}

const dangerous = (option: string, message: string): PolicyFinding => ({ level: 'dangerous', option, message });
const inconvenient = (option: string, message: string): PolicyFinding => ({ level: 'inconvenient', option, message });

function clientFindings(policy: ReportedPolicy, { clientId, theft, logins, ...report }: ClientReport): PolicyFinding[] {
  const { accessTtl, absoluteTtl } = policy.clients.get(clientId)!;
  const findings: PolicyFinding[] = [];
  const access = formatDuration(theft.accessToken);
  if (accessTtl > LONG_FOR_AN_ACCESS_TOKEN) {
    findings.push(
      dangerous(
        'accessTtl',
        `a stolen access token is of use for ${access}, unless its session is ended; make it shorter` +
          (policy.keepsSessions ? ', clients refresh by themselves' : ", or use strategy 'refresh-sliding'"),
      ),
    );
  } else if (!policy.keepsSessions && theft.accessToken > LONG_FOR_SLIDING) {
    findings.push(
      dangerous(
        'absoluteTtl',
        `a thief can renew a stolen access token for ${access}; make it shorter, or use strategy 'refresh-sliding', ` +
          'where sliding.slideLimit bounds that',
      ),
    );
  } else if (policy.keepsSessions && theft.accessToken > LONG_FOR_SLIDING) {
    findings.push(
      dangerous(
        'sliding.slideLimit',
        `a thief can renew a stolen access token for ${access}, as if it were a session; make it shorter`,
      ),
    );
  }
  if (theft.refreshToken && theft.refreshToken.ownerAtWork >= absoluteTtl) {
    findings.push(
      dangerous(
        'grace',
        `clients refresh within it (${formatDuration(policy.grace)}), so a thief who does so too is never seen; make it shorter ` +
          'than accessTtl',
      ),
    );
  }
  if (absoluteTtl > LONG_FOR_A_SESSION) {
    findings.push(
      dangerous(
        'absoluteTtl',
        `a session taken from a device that nobody misses is of use for ${formatDuration(absoluteTtl)}`,
      ),
    );
  }
  if (logins.steady < WORKING_DAY) {
    findings.push(
      inconvenient(
        policy.strategy === 'access' ? 'accessTtl' : 'absoluteTtl',
        `somebody at work must log in every ${formatDuration(logins.steady)}` +
          (policy.strategy === 'access' ? "; strategy 'access-sliding' or 'refresh-sliding' spares that" : ''),
      ),
    );
  } else if (logins.daily <= DAY) {
    findings.push(
      inconvenient(
        policy.keepsSessions ? 'idleTtl' : 'accessTtl',
        'who comes once a day must log in each time; it must be longer than a day to change that',
      ),
    );
  }
  if (report.storeOperationsPerThousandRequests > MANY_STORE_OPERATIONS) {
    findings.push(
      inconvenient(
        'accessTtl',
        `it makes ${report.storeOperationsPerThousandRequests} store operations of a thousand requests; a longer one makes fewer`,
      ),
    );
  }
  return findings;
}

function machineFindings({ clientId, accessToken }: MachineReport): PolicyFinding[] {
  if (accessToken <= LONG_FOR_AN_ACCESS_TOKEN) return [];
  const sentence =
    `a stolen machine token is of use for ${formatDuration(accessToken)}, unless it is revoked; make it shorter, ` +
    'the machine asks for another by itself';
  return [dangerous(`clients.${clientId}.accessTtl`, sentence)];
}

function graceFindings({ keepsSessions, grace }: ReportedPolicy): PolicyFinding[] {
  if (!keepsSessions || grace >= CLIENT_TIMEOUT) return [];
  const what =
    grace === 0
      ? 'two tabs that refresh at once, or an answer that is lost, log the user out with an alarm'
      : `a client that waits longer than ${formatDuration(grace)} for a lost answer is taken for a thief when it tries again`;
  return [inconvenient('grace', `${what}; let clients send an Idempotency-Key, or set it to 30s`)];
}

function reuseFindings({ keepsSessions, onReuse }: ReportedPolicy): PolicyFinding[] {
  if (!keepsSessions || onReuse !== 'report') return [];
  const message =
    "who took a session keeps it after its theft was seen; make it 'session' once the alarms are understood";
  return [dangerous('onReuse', message)];
}

function limitFindings({ keepsSessions, maxSessionsPerSubject }: ReportedPolicy): PolicyFinding[] {
  if (!keepsSessions || maxSessionsPerSubject > 1) return [];
  return [inconvenient('maxSessionsPerSubject', 'a login on one device ends the session on the other')];
}
