import { Logger } from '@nestjs/common';
import { AccountMailer, type AccountMail } from './account-mailer.js';

/** For development: prints the link instead of sending it. */
export class ConsoleMailer extends AccountMailer {
  private readonly logger = new Logger('Mail');

  override async send({ kind, to, link }: AccountMail): Promise<void> {
    this.logger.log(`${kind} for ${JSON.stringify(to)}${link === null ? '' : `: ${link}`}`);
  }
}
