import { createHash, randomBytes } from 'node:crypto';

/** Milliseconds for which a ticket can be used. */
export const TICKET_LIFE = 30 * 60 * 1000;

/** A new ticket: 256 random bits, so that a plain hash of it is all that must be kept. */
export const newTicket = (): string => randomBytes(32).toString('base64url');

/** What of a ticket is kept: who reads the database cannot use it. */
export const hashOfTicket = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');
