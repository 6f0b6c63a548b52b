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
      // No foreign key: what a deleted user's tokens must be told is owed after the row is gone.
      `create table announcements_owed (
        sub uuid not null,
        kind text not null,
        value bigint not null,
        primary key (sub, kind)
      )`,
    ],
  },
];
