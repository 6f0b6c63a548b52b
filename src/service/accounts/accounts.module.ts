import { Global, Module } from '@nestjs/common';
import { SubjectRevoker } from '../../index.js';
import { AccountRevoker } from './account-revoker.js';
import { Announcements } from './announcements.js';
import { AccountMails } from './account-mails.js';
import { EmailChanges } from './email-changes.js';
import { LoginSessions } from './login-sessions.js';
import { PasswordChecks } from './password-checks.js';
import { MailRequests } from './mail-requests.js';
import { PasswordChange } from './password-change.js';
import { Registrations } from './registrations.js';
import { AccountChanges } from './account-changes.js';
import { UserPages } from './user-pages.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import { Outbox } from '../outbox/outbox.js';

/** Where users and sessions meet: what is changed in the one must be told to the other. */
@Global()
@Module({
  providers: [
    AccountChanges,
    OutboxTable,
    Outbox,
    Announcements,
    AccountMails,
    MailRequests,
    EmailChanges,
    AccountRevoker,
    LoginSessions,
    PasswordChecks,
    PasswordChange,
    Registrations,
    UserPages,
    // The library's POST logout-all asks for it.
    { provide: SubjectRevoker, useExisting: AccountRevoker },
  ],
  exports: [
    AccountChanges,
    OutboxTable,
    Outbox,
    Announcements,
    MailRequests,
    EmailChanges,
    AccountRevoker,
    LoginSessions,
    PasswordChecks,
    PasswordChange,
    Registrations,
    UserPages,
    SubjectRevoker,
  ],
})
export class AccountsModule {}
