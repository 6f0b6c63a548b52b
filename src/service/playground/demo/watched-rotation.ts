import { Inject, Injectable } from '@nestjs/common';
import { RefreshRotationService } from '../../../index.js';
import type { RotationDecision } from '../../../internal.js';
import { ExchangeLog } from './exchange-log.js';

/** The rotation of the library, of which the log is told what it decided. */
@Injectable()
export class WatchedRotation extends RefreshRotationService {
  @Inject(ExchangeLog) private readonly log!: ExchangeLog;

  protected override settled(decision: RotationDecision): void {
    this.log.decided(decision);
  }
}
