import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { and, eq, inArray, lte } from 'drizzle-orm';
import type { Queries } from '../database/database.js';
import { tickets } from '../database/tickets.schema.js';

export type TicketKind = (typeof tickets.$inferSelect)['kind'];

/** A ticket that was found, and what it is for. Times are milliseconds. */
export type TicketRow = Readonly<typeof tickets.$inferSelect>;

/** Milliseconds for which a ticket can be used. */
export const TICKET_LIFE = 30 * 60 * 1000;

/** A new ticket: 256 random bits, so that a plain hash of it is all that must be kept. */
export const newTicket = (): string => randomBytes(32).toString('base64url');

/** What of a ticket is kept: who reads the database cannot use it. */
const hashOfTicket = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

/** When a ticket that is made now ends. It is told in whole seconds, so it is kept in whole seconds. */
export const ticketExpiry = (now: number): number => Math.floor((now + TICKET_LIFE) / 1000) * 1000;

/**
 * Makes the tickets of mails from the id of the mail and a secret, so that a mail that is sent again has the same
 * ticket, and no ticket is stored anywhere. The secret is derived from the signing keys (HKDF, RFC 5869): who has those
 * can sign access tokens anyway. After a change of keys a mail that is sent again has another ticket, which replaces
 * the one before it.
 */
export class MailTickets {
  private readonly secret: Buffer;

  /** @param signingKeys the private JWKS, as text */
  constructor(signingKeys: string) {
    this.secret = Buffer.from(hkdfSync('sha256', signingKeys, '', 'keyturn tickets of mails v1', 32));
  }

  /** @param id of the entry in the outbox */
  of(id: string): string {
    return createHmac('sha256', this.secret).update(id).digest('base64url');
  }
}

/**
 * Makes a ticket usable, in place of the one of its kind before it.
 * @param asked when it was asked for, milliseconds
 * @returns false when a ticket that was asked for later is there already
 */
export async function putTicket(
  tx: Queries,
  { ticket, ...row }: Omit<TicketRow, 'hash'> & { readonly ticket: string },
): Promise<boolean> {
  const values = { ...row, hash: hashOfTicket(ticket) };
  const put = tx
    .insert(tickets)
    .values(values)
    .onConflictDoUpdate({
      target: [tickets.sub, tickets.kind],
      set: values,
      setWhere: lte(tickets.asked, row.asked),
    });
  return (await put.returning({ sub: tickets.sub })).length > 0;
}

/** The ticket, if it can be used now for one of these kinds. Changes nothing. */
export async function findTicket(
  db: Queries,
  ticket: string,
  kinds: readonly TicketKind[],
  now: number,
): Promise<TicketRow | null> {
  const [row] = await db
    .select()
    .from(tickets)
    .where(and(eq(tickets.hash, hashOfTicket(ticket)), inArray(tickets.kind, [...kinds])));
  return row && row.expires > now ? row : null;
}

/** Takes a ticket that was found, so that nobody else can use it. @returns false when somebody else was faster */
export async function takeTicket(tx: Queries, { hash }: TicketRow): Promise<boolean> {
  return (await tx.delete(tickets).where(eq(tickets.hash, hash)).returning({ sub: tickets.sub })).length > 0;
}

/** No ticket of a user can be used any more: all its sessions have ended, or its address is another. */
export async function voidTickets(tx: Queries, sub: string): Promise<void> {
  await tx.delete(tickets).where(eq(tickets.sub, sub));
}
