/** What `keyturn` prints without a command: all that there is. */
export const USAGE = `Usage: keyturn <command>

Accounts
  users add|import|list|role|reset|disable|enable   keyturn users --help

Keys and clients
  keys generate|list|add|retire|drop         keyturn keys --help
  clients secret     Makes a secret for a client, and the hash of it for AUTH_CLIENTS.

Operation
  why                Says why somebody was logged out: keyturn why --help
  doctor             Looks at settings, Redis, PostgreSQL, keys and address: keyturn doctor --help
  outbox list|retry|drop                     keyturn outbox --help
  migrate            Brings the schema of DATABASE_URL up to date.
  policy             Prints what the settings mean: thefts, logins, store operations, and what to change.

Help
  --help             Prints this, and every setting with its values and its default.
  --version          Prints the version.
`;

export const USERS_USAGE = `Usage: keyturn users <command>

Make accounts
  add --email <address> [--role <role>]... [--invite]
             Makes an account. Reads the password from standard input, or asks for it at a terminal;
             with --invite prints a ticket instead, with which its owner sets the password.
             The first administrator: users add --email you@example.com --role admin

  import <file>
             Makes the accounts of a file of JSON lines: email, and if wished id, password_hash (bcrypt, scrypt or
             argon2), roles, disabled, email_verified. Checks every line first, and imports all or none.

Look at accounts
  list       Prints all accounts, the newest first.

Change accounts
  role <address> [--add <role>]... [--remove <role>]...
             Gives and takes roles, and prints those that the account has. With --add admin it becomes an administrator.
  reset <address>
             Prints a ticket with which the password can be set once, within 30 minutes.
  disable <address>
             Keeps an account from logging in. Its sessions end within a minute, or when the service starts again.
  enable <address>
             Lets it log in again.

Works on the database of DATABASE_URL at any time; on the embedded one in DATA_DIR while the service is stopped:
while it runs, use its calls below /admin/users.
A ticket is used by POST /auth/password-reset with { "ticket", "new_password" }.
`;

export const OUTBOX_USAGE = `Usage: keyturn outbox [<command>]

  list       Prints what was not delivered yet and what was given up, the oldest 1000: its id, topic, subject, since
             when, the next attempt, and why the last one failed. Says so where there is more.
  retry [<id>]
             Makes one entry, or all of them, due now. A running service delivers it within a minute.
  drop <id>  Forgets an entry that need not be delivered any more.

Works on the database of DATABASE_URL at any time; on the embedded one in DATA_DIR while the service is stopped.
`;
