import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { AuthPolicy } from './options.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { policyReport } from './policy-report.js';

/** Warns at the start of what is dangerous about the policy, each with what to change. */
@Injectable()
export class PolicyWarnings implements OnModuleInit {
  constructor(@Inject(AUTH_POLICY) private readonly policy: AuthPolicy) {}

  onModuleInit(): void {
    const logger = new Logger('Keyturn');
    for (const { level, option, message } of policyReport(this.policy).findings) {
      if (level === 'dangerous') logger.warn(`${option}: ${message}.`);
    }
  }
}
