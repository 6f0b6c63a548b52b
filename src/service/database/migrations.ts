/** A step of the schema. Single statements, since PGlite takes one at a time; never changed once released. */
export interface Migration {
  /** Orders them for the reader; the order that counts is that of the list. */
  readonly id: string;
  readonly statements: readonly string[];
}

/** Every step from an empty database to `users.schema.ts`, oldest first. New steps are added at the end. */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-users',
    statements: [
      `create table users (
        id uuid primary key,
        email text not null,
        email_key text not null constraint users_email_key_unique unique,
        password_hash text,
        roles text[] not null default '{}',
        disabled boolean not null default false,
        generation bigint not null default 0,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`,
    ],
  },
  {
    id: '0002-account-changes',
    statements: [
      `alter table users add column reset_ticket_hash text constraint users_reset_ticket_hash_unique unique`,
      `alter table users add column reset_ticket_expires bigint`,
      // No foreign key: what is to be announced of a deleted user outlives the row.
      `create table announcements_owed (
        sub uuid not null,
        kind text not null,
        value bigint not null,
        primary key (sub, kind)
      )`,
    ],
  },
  {
    id: '0003-outbox',
    statements: [
      `create table outbox (
        id uuid primary key,
        seq bigint generated always as identity,
        topic text not null,
        subject text not null,
        body jsonb not null,
        created bigint not null,
        due bigint,
        attempts integer not null default 0,
        fault text
      )`,
      `create index outbox_due on outbox (topic, due)`,
      `create index outbox_subject on outbox (topic, subject, seq)`,
      // The table stays: instances of the version before write to it, and announce what they wrote, until they are replaced.
      `insert into outbox (id, topic, subject, body, created, due)
        select gen_random_uuid(), 'sessions', sub::text, jsonb_build_object('kind', kind, 'value', value), value, 0
        from announcements_owed`,
      `delete from announcements_owed`,
    ],
  },
  {
    id: '0004-tickets',
    statements: [
      `alter table users add column email_verified boolean not null default false`,
      `alter table users add column pending boolean not null default false`,
      `create table tickets (
        sub uuid not null,
        kind text not null,
        hash text not null constraint tickets_hash_unique unique,
        expires bigint not null,
        asked bigint not null,
        address text,
        primary key (sub, kind)
      )`,
      `insert into tickets (sub, kind, hash, expires, asked)
        select id, 'password-reset', reset_ticket_hash, reset_ticket_expires, reset_ticket_expires - 1800000
        from users where reset_ticket_hash is not null and reset_ticket_expires is not null`,
      `create table mails_sent (
        id uuid primary key,
        address_key text not null,
        sort text not null,
        at bigint not null
      )`,
      `create index mails_sent_at on mails_sent (address_key, at)`,
    ],
  },
  {
    id: '0005-user-pages',
    statements: [
      `create index users_newest on users (created_at, id)`,
      // By code points, so that a prefix is a range of it whatever language the database sorts by.
      `create index users_email_prefix on users (email_key collate "C")`,
    ],
  },
];
