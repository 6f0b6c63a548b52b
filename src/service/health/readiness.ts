import { Injectable } from '@nestjs/common';

/** Whether to send requests here: not before every part was up once, and not while the service stops. */
@Injectable()
export class Readiness {
  private started = false;
  private draining = false;

  /** Every part is up. */
  allUp(): void {
    this.started = true;
  }

  drain(): void {
    this.draining = true;
  }

  get state(): 'starting' | 'ready' | 'draining' {
    return this.draining ? 'draining' : this.started ? 'ready' : 'starting';
  }
}
